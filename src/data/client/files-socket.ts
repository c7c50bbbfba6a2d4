import { connect, type Socket } from 'node:net';
import { signalProcess } from '../../kit/index.ts';
import { frameOf, frameReader } from '../process/frames.ts';
import type { FromProcess, Hello } from '../process/protocol.ts';
import { readRecord } from '../process/record.ts';
import type { LinkTrouble } from './link.ts';

/** Milliseconds to connect and be greeted. */
const GREETING_MS = 5_000;

/**
 * Connects to the data process of a folder for files and nothing else: whatever is written to the socket from then on can ask for nothing
 * but those, so an app may have it.
 */
export function openFilesSocket(options: {
  readonly folder: string;
  readonly socket: string;
  readonly dataMb: number;
}): Promise<Socket | LinkTrouble> {
  const { folder, dataMb } = options;
  return new Promise((resolve) => {
    const socket = connect(options.socket);
    const timer = setTimeout(() => socket.destroy(), GREETING_MS);
    const read = frameReader(({ head }) => {
      if ((head as FromProcess).reply !== 'hello') return;
      clearTimeout(timer);
      void judge(folder, head as Hello).then((trouble) => {
        socket.off('data', take).off('close', gone);
        if (trouble !== null) {
          socket.destroy();
          resolve(trouble);
          return;
        }
        socket.pause(); // nobody else speaks before it is asked
        socket.write(frameOf({ op: 'files', data_mb: dataMb }));
        resolve(socket);
      });
    });
    const take = (chunk: Buffer): void => {
      try {
        read(chunk);
      } catch {
        socket.destroy();
      }
    };
    const gone = (): void => {
      clearTimeout(timer);
      resolve('gone');
    };
    socket.on('error', () => {}); // its close says the rest
    socket.on('data', take).once('close', gone);
  });
}

/** Is this who it should be, and does it serve files? One of the version before does not, and is asked to end. */
async function judge(folder: string, hello: Hello): Promise<LinkTrouble | null> {
  const record = await readRecord(folder);
  if (record === null || record === 'unreadable' || record.nonce !== hello.nonce) return 'leaving';
  if (hello.files === true) return null;
  signalProcess(hello, 'SIGTERM');
  return 'leaving';
}
