const FRAME_OF_GUEST = /^\s+at .*\bfile:\/\/\/app\/guest\.mjs:\d+:\d+\)?$/;

/** Is this line of a stack of the platform's own program, which an author can do nothing with? */
export function isGuestFrame(line: string): boolean {
  return FRAME_OF_GUEST.test(line);
}
