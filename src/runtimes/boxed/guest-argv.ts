/** Where things stand in the box of an app. */
export const IN_BOX = {
  node: '/bin/node',
  guest: '/app/guest.mjs',
  component: '/app/guest-component.mjs',
  shelf: '/app/shelf',
} as const;

/**
 * The program of a box.
 *
 * @param heapMb MiB of V8's heap
 * @param flags of node, besides those of memory
 */
export function guestArgv(heapMb: number, flags: readonly string[]): readonly string[] {
  return [IN_BOX.node, ...flags, `--max-old-space-size=${heapMb}`, IN_BOX.guest];
}
