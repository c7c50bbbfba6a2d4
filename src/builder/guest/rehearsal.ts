/**
 * Method of a request that is answered without asking the app: what a component does for the first time is done then. No visitor can
 * send a method with a blank in it.
 */
export const REHEARSAL_METHOD = 'tabbify rehearsal';
