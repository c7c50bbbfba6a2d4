import type { Duplex } from 'node:stream';
import type { DataClient } from '../client/data-client.ts';
import { FILES_PROTOCOL } from '../files/files-link.ts';

const SWITCHING = `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${FILES_PROTOCOL}\r\n\r\n`;
const UNAVAILABLE =
  'HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\nretry-after: 1\r\n\r\n';

/** Hands a connection of an app to the process that has its files. @param head what came already */
export async function passFiles(data: DataClient, stream: Duplex, head: Buffer): Promise<void> {
  stream.on('error', () => {}); // its close says the rest
  try {
    const socket = await data.openFiles();
    if (stream.destroyed) {
      socket.destroy();
      return;
    }
    stream.write(SWITCHING);
    if (head.length > 0) socket.write(head);
    stream.once('close', () => socket.destroy());
    socket.once('close', () => stream.destroy());
    stream.pipe(socket).pipe(stream);
  } catch {
    stream.end(UNAVAILABLE); // whoever asks for the rest of its data is told why
  }
}
