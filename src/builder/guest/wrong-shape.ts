/** Start of the message by which the builder knows that an app's default export has no `fetch`. */
export const WRONG_SHAPE = 'tabbify-default-export';
