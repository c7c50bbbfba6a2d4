import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';

export interface SecureOptions {
  /** Ends it, also later. */
  readonly signal: AbortSignal;
  /** Certificates (PEM) that are trusted instead of the machine's. */
  readonly ca?: string;
}

/**
 * TLS over a stream, for HTTP/1.1, with a certificate for that host.
 *
 * @param host name or address
 * @throws what is wrong with the certificate, or with what the other end says
 */
export async function secureStream(
  stream: Duplex,
  host: string,
  { signal, ca }: SecureOptions,
): Promise<Duplex> {
  const { connect } = await import('node:tls'); // not before it is needed: it costs a cold start time
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  return new Promise((resolve, reject) => {
    const secure = connect({
      socket: stream,
      host: name,
      servername: isIP(name) ? '' : name, // RFC 6066 §3: no addresses
      ALPNProtocols: ['http/1.1'],
      ...(ca === undefined ? {} : { ca }),
    });
    const leave = (): void => void secure.destroy();
    signal.addEventListener('abort', leave, { once: true });
    secure.on('error', reject); // stays: who has the stream by then is told of its close
    secure.once('close', () => {
      signal.removeEventListener('abort', leave);
      stream.destroy();
      reject(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
    });
    secure.once('secureConnect', () => resolve(secure));
    if (signal.aborted) leave();
  });
}
