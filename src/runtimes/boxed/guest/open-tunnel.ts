import { isIPv6, type Socket } from 'node:net';
import { connectError, readTunnelAnswer, refusedError, type TunnelAnswer } from './tunnel-answer.ts';

/** What becomes of it; one of them is called, once, unless the connection is destroyed before. */
export interface TunnelOutcome {
  /** @param rest bytes that came through it already */
  open(rest: Buffer): void;
  failed(error: Error): void;
}

/** Bytes of a refusal that are read. */
const MAX_ANSWER = 64 * 1024;

/**
 * Asks for a tunnel (RFC 9110 §9.3.6).
 *
 * @param proxy a connection to the proxy, which may not stand yet; of an open tunnel nothing more is read
 */
export function openTunnel(proxy: Socket, host: string, port: number, outcome: TunnelOutcome): void {
  if (!isName(host)) {
    proxy.destroy();
    outcome.failed(connectError('ENOTFOUND', 'that is no name of a host', host, port));
    return;
  }
  const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  proxy.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`);

  let received = Buffer.alloc(0);
  let refusal: TunnelAnswer | null = null;
  const failed = (error: Error): void => {
    proxy.off('data', onData).off('close', onClose);
    proxy.destroy();
    outcome.failed(error);
  };
  const onData = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    try {
      const answer = readTunnelAnswer(received);
      if (answer?.status === 200) {
        proxy.off('data', onData).off('close', onClose).off('error', onError);
        outcome.open(answer.rest);
      } else if (answer !== null) {
        refusal = answer;
        if (received.length > MAX_ANSWER) failed(refusedError(answer, host, port));
      }
    } catch (error) {
      failed(connectError('EPROTO', String(error), host, port));
    }
  };
  let broken: Error | null = null;
  const onError = (error: Error): void => {
    broken = error;
  };
  const onClose = (): void => {
    if (refusal !== null) failed(refusedError(refusal, host, port));
    else
      failed(
        connectError('ENETUNREACH', `there is no way out${broken ? `: ${broken.message}` : ''}`, host, port),
      );
  };
  proxy.on('data', onData).on('error', onError).on('close', onClose);
}

/** Nothing that would end the line or a part of it. */
function isName(host: string): boolean {
  return /^[\w.:%-]+$/.test(host);
}
