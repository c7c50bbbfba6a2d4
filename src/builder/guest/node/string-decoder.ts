import port from 'string_decoder/';

export const { StringDecoder } = port;
