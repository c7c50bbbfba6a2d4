/**
 * The first program of a box for a tool. It waits until it is told what to run, so that the box has been looked at by then; lets
 * programs that know only TCP reach the channel; and says how the tool ended. It stands in the box by itself: it imports nothing.
 */
import { spawn } from 'node:child_process';
import { connect, createServer, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Launch, Launched } from '../protocol.ts';

/** As in `TOOL_FDS` of the protocol, which is not there in the box. */
const ORDERS_FD = 4;
/** Standard input, output and errors, and the messages of the tool. */
const OF_THE_TOOL = [0, 1, 2, 3];

const orders = new Socket({ fd: ORDERS_FD });
const lines = createInterface({ input: orders });

lines.once('line', async (line) => {
  const launch = JSON.parse(line) as Launch;
  if (launch.bridge !== null) await bridge(launch.bridge);
  run(launch);
});
// Whoever asked has gone.
lines.once('close', () => process.exit(0));

/** Takes connections on loopback, and makes each a connection to the channel. */
async function bridge({ port, channel }: NonNullable<Launch['bridge']>): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ path: channel, allowHalfOpen: true });
    join(client, upstream);
    join(upstream, client);
  });
  server.on('error', (error) => end({ failed: `no bridge to the channel: ${error.message}` }));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
}

/** One way of a connection: its end is passed on, its loss ends the other. */
function join(from: Socket, to: Socket): void {
  from.pipe(to);
  from.once('error', () => to.destroy());
  from.once('close', (lost) => lost && to.destroy());
}

function run({ argv, env, folder }: Launch): void {
  const [program = '', ...args] = argv;
  // In a process group of its own, as a tool outside a box is.
  const tool = spawn(program, args, { cwd: folder, env, stdio: OF_THE_TOOL, detached: true });
  tool.once('error', (error) => end({ failed: error.message }));
  tool.once('exit', (code, signal) => end({ code, signal }));
}

/** Says it and ends the box, with all that the tool left behind, as the tool ended: how is seen from outside as well. */
function end(message: Launched): void {
  orders.write(`${JSON.stringify(message)}\n`, () => {
    if ('signal' in message && message.signal !== null) process.kill(process.pid, message.signal);
    else process.exit('code' in message ? (message.code ?? 1) : 1);
  });
}
