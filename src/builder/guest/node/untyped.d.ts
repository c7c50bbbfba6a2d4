// biome-ignore-all lint/style/noDefaultExport: what stands for a package of CommonJS
// biome-ignore-all lint/suspicious/noShadowRestrictedNames: names of Node's own
/** Packages without types of their own that are ports of Node's modules, typed as what they are ports of. */
declare module 'events/events.js' {
  const EventEmitter: typeof import('node:events').EventEmitter;
  export default EventEmitter;
}
declare module 'path-browserify' {
  const path: typeof import('node:path').posix;
  export default path;
}
declare module 'readable-stream/lib/stream.js' {
  const stream: typeof import('node:stream').Stream &
    typeof import('node:stream') & { readonly destroy: unknown; readonly isDisturbed: unknown };
  export default stream;
}
declare module 'string_decoder/' {
  const decoder: typeof import('node:string_decoder');
  export default decoder;
}
declare module 'unenv/node/querystring' {
  export const { decode, encode, escape, parse, stringify, unescape }: typeof import('node:querystring');
}
declare module 'unenv/node/url' {
  export const {
    domainToASCII,
    domainToUnicode,
    fileURLToPath,
    format,
    parse,
    pathToFileURL,
    resolve,
    resolveObject,
    Url,
    urlToHttpOptions,
  }: typeof import('node:url') & { readonly resolveObject: unknown; readonly Url: unknown };
}
