/**
 * Fields of an HTTP head that are for one connection and never go on to the next (RFC 9110 §7.6.1), in lower case. Who passes
 * messages on leaves out these, whatever `Connection` names, and what else its place asks for.
 */
export const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
