import { connect } from 'node:net';
import { httpEndpoint, messageOf } from '../kit/index.ts';
import { runnerError } from './errors.ts';
import type { ControlCommand, ControlReply } from './protocol.ts';

const HINT = 'Look at the log of the app: `tabbify logs <app>`';

/**
 * Sends one command over a runner's control socket and gives back its reply (`err` replies are returned, not thrown).
 *
 * @param timeoutMs milliseconds for connection, work and reply together
 * @throws TabbifyError `runner_unreachable`, `runner_silent`, `runner_garbled`
 */
export function sendControl(
  socketPath: string,
  command: ControlCommand,
  timeoutMs: number,
): Promise<ControlReply> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let received = '';
    const fail = (code: 'runner_unreachable' | 'runner_silent' | 'runner_garbled', why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(runnerError(code, { what: `The runner did not carry out \`${command.cmd}\``, why, hint: HINT }));
    };
    const timer = setTimeout(() => fail('runner_silent', `no reply within ${timeoutMs} ms`), timeoutMs);
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.write(`${JSON.stringify(command)}\n`));
    socket.once('error', (error) => fail('runner_unreachable', error.message));
    socket.once('close', () => fail('runner_unreachable', 'it closed the connection without a reply'));
    socket.on('data', (chunk: string) => {
      received += chunk;
      const end = received.indexOf('\n');
      if (end < 0) return;
      clearTimeout(timer);
      socket.removeAllListeners('close');
      socket.end();
      try {
        resolve(readReply(received.slice(0, end)));
      } catch (error) {
        fail('runner_garbled', messageOf(error));
      }
    });
  });
}

function readReply(line: string): ControlReply {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || !('reply' in value)) throw new Error(`got ${line}`);
  return fromProtocol1(value) as ControlReply;
}

/** Runners of protocol 1 say `bound` where `endpoint` stands now, and not how their app does. */
function fromProtocol1(reply: object): object {
  if (!('bound' in reply)) return reply;
  const { bound, ...rest } = reply as { readonly bound: { host: string; port: number } | null };
  return { endpoint: bound && httpEndpoint(bound.host, bound.port), ok: true, reason: null, ...rest };
}
