import port from 'readable-stream/lib/stream.js';

/** The class that all of them are of, which also has them as members. */
export const Stream = port;
export const {
  addAbortSignal,
  compose,
  destroy,
  Duplex,
  finished,
  isDisturbed,
  isErrored,
  isReadable,
  PassThrough,
  pipeline,
  promises,
  Readable,
  Transform,
  Writable,
} = port;
