import port from 'readable-stream/lib/stream.js';

export const { finished, pipeline } = port.promises;
