/**
 * The interfaces of `wasi:filesystem` by name. There is no folder to begin with, so nothing can be opened; all that is not
 * here is denied by the import object.
 */
export const filesystem: Readonly<Record<string, object>> = {
  'wasi:filesystem/preopens': { getDirectories: () => [] },
  'wasi:filesystem/types': { filesystemErrorCode: () => undefined },
};
