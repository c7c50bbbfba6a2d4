/** What to do about a component that fails at its start. */
export const START_HINT = 'Its start code must neither trap nor call what it was not granted';
