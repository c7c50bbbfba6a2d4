import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A reader of `GET /v1/events/stream` on a bare socket, which stops reading when it is told to. */
export interface RawReader {
  readonly socket: Socket;
  /** What came so far, the head of the response included; of long frames the beginning. */
  text(): string;
  /** Positions of the whole frames that came so far. */
  positions(): number[];
  /** The connection is over, and everything that came was read. */
  readonly ended: Promise<void>;
}

/** @param query of the address, e.g. `after=0` */
export async function openRawReader(
  url: string,
  token: string,
  query: string,
  headers = '',
): Promise<RawReader> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const frames: string[] = [];
  let open = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (open + chunk).split('\n\n');
    open = parts.pop() ?? '';
    for (const frame of parts) frames.push(frame.slice(0, 400));
  });
  socket.on('error', () => {}); // it was broken off: `ended` says so
  const ended = once(socket, 'close').then(() => {});
  socket.write(
    `GET /v1/events/stream?${query} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n${headers}\r\n`,
  );
  return {
    socket,
    text: () => frames.map((frame) => `${frame}\n\n`).join(''),
    positions: () =>
      frames.flatMap((frame) => {
        const id = /^id: (\d+)$/m.exec(frame)?.[1];
        return id === undefined ? [] : [Number(id)];
      }),
    ended,
  };
}
