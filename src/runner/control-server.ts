import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../kit/index.ts';
import type { ControlCommand, ControlReply } from './protocol.ts';

/** Longest command in UTF-16 units; the largest is `deploy` with the app's environment. */
const MAX_COMMAND = 4 * 1024 * 1024;
/** Milliseconds a client has to write its one line. */
const READ_TIMEOUT_MS = 10_000;

export interface ControlAnswer {
  readonly reply: ControlReply;
  /** Runs once the reply has been handed to the kernel, e.g. to exit. */
  readonly afterwards?: () => void;
}

/**
 * Listens on the control socket (0600): JSON lines, one command per connection (CONTRACTS §8).
 *
 * @param handle may throw: the message goes back as an `err` reply with code `failed`
 */
export function serveControl(
  path: string,
  handle: (command: ControlCommand) => Promise<ControlAnswer>,
): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket) => serveConnection(socket, handle));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
}

function serveConnection(socket: Socket, handle: (command: ControlCommand) => Promise<ControlAnswer>): void {
  let received = '';
  socket.setEncoding('utf8');
  socket.setTimeout(READ_TIMEOUT_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy()); // the client went away: nobody is left to be told
  socket.on('data', (chunk: string) => {
    received += chunk;
    const end = received.indexOf('\n');
    if (end < 0) {
      if (received.length > MAX_COMMAND) socket.destroy();
      return;
    }
    socket.removeAllListeners('data');
    socket.setTimeout(0);
    void answer(received.slice(0, end), handle).then(({ reply, afterwards }) => {
      socket.end(`${JSON.stringify(reply)}\n`, () => afterwards?.());
      // Whatever becomes of the client, what was decided happens.
      if (socket.destroyed) afterwards?.();
    });
  });
}

async function answer(
  line: string,
  handle: (command: ControlCommand) => Promise<ControlAnswer>,
): Promise<ControlAnswer> {
  let command: ControlCommand;
  try {
    command = JSON.parse(line) as ControlCommand;
  } catch {
    const message = 'The command is no JSON'; // what JSON.parse says repeats what it was given
    return { reply: { reply: 'err', code: 'command_invalid', message } };
  }
  try {
    return await handle(command);
  } catch (error) {
    return { reply: { reply: 'err', code: 'failed', message: messageOf(error) } };
  }
}
