import port from 'path-browserify';

export const {
  basename,
  delimiter,
  dirname,
  extname,
  format,
  isAbsolute,
  join,
  normalize,
  parse,
  relative,
  resolve,
  sep,
} = port;
/** An app is on Linux, whatever it runs on. */
export const posix = port;
export const toNamespacedPath = (path: string): string => path;
