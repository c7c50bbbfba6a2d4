/**
 * A command line that runs as a box's own user, without any other group.
 *
 * @param setpriv the program
 * @param uid null: as whoever starts it
 */
export function asUser(
  setpriv: string,
  uid: number | null,
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  if (uid === null) return command;
  return [setpriv, '--reuid', String(uid), '--regid', String(uid), '--clear-groups', '--', ...command];
}
