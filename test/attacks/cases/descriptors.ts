import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { NODE_IN_BOX, runTool, type ToolResult } from '../../../src/sandbox/index.ts';
import type { Drama, Scene } from '../scene.ts';

/** What one message may carry is 253 (SCM_MAX_FD of the kernel). */
const EACH = 250;
const MESSAGES = 40;
/** What this process opens for a box and a connection at most. */
const SLACK = 60;

/** Descriptors that are sent to the host: it takes none. */
export const descriptorDramas: readonly Drama[] = [
  {
    name: `passes ${EACH * MESSAGES} descriptors to its host over every socket that a tool has`,
    play: passDescriptors,
  },
];

/**
 * An app in a box cannot send any (its filter); a tool can, to its channel and over the pipe of its messages. Whoever reads there
 * must end up with none of them, and read on.
 */
async function passDescriptors({ world, whileVisited }: Scene): Promise<string[]> {
  const folder = await mkdtemp(join(world.home, 'tool-'));
  const work = join(folder, 'work');
  await mkdir(work);
  await writeFile(join(work, 'main.mjs'), PROGRAM);
  const heard: string[] = [];
  await using upstream = createServer((socket) =>
    socket.on('error', () => {}).on('data', (data) => heard.push(data.toString('latin1'))),
  );
  await new Promise<void>((resolve) => upstream.listen(join(folder, 'up'), resolve));
  const before = descriptors();
  let most = before;
  const look = setInterval(() => {
    most = Math.max(most, descriptors());
  }, 5);
  const messages: string[] = [];
  let result: ToolResult | null = null;
  const slow = await whileVisited(async () => {
    result = await runTool({
      place: { home: world.home, sockets: folder },
      label: 'attacked',
      argv: [NODE_IN_BOX, '--no-warnings', 'main.mjs'],
      env: { PATH: '/usr/bin', HOME: '/tmp' },
      files: [],
      writable: [{ from: work, to: '/work' }],
      channel: { dial: async () => connect(join(folder, 'up')) },
      bounds: { memoryBytes: 512 << 20, cpus: 1, tasks: 64, tmpBytes: 8 << 20, openFiles: 1024 },
      timeoutMs: 20_000,
      onMessage: (line) => messages.push(line),
    });
    most = Math.max(most, descriptors());
  });
  clearInterval(look);
  const said = JSON.stringify(result);
  await rm(folder, { recursive: true, force: true });
  const problems = [...slow];
  if (most > before + SLACK) problems.push(`the host had ${most} descriptors, ${before} before`);
  const sent = /"stdout":"sent (\d+) and (\d+)/.exec(said)?.slice(1).map(Number) ?? [];
  if (sent.some((count) => count < MESSAGES / 2) || sent.length !== 2) problems.push(`not tried: ${said}`);
  if (!heard.join('').includes('xxx')) problems.push('what went with them through the channel has not come');
  if (messages.at(-1) !== 'the last') problems.push(`its messages ended with ${messages.at(-1)}`);
  return problems;
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

const PROGRAM = `
import { dlopen, getInt32, getRawPointer } from 'node:ffi';
import { closeSync, openSync, writeSync } from 'node:fs';

const { functions } = dlopen('libc.so.6', {
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  connect: { arguments: ['i32', 'buffer', 'u32'], return: 'i32' },
  read: { arguments: ['i32', 'buffer', 'u64'], return: 'i64' },
  sendmsg: { arguments: ['i32', 'buffer', 'i32'], return: 'i64' },
});
const EACH = ${EACH};
const held = Array.from({ length: EACH }, () => openSync('/dev/null', 'r'));

/** struct msghdr with one byte and SCM_RIGHTS (unix(7), cmsg(3)). */
function pass(fd, byte) {
  const data = Buffer.from(byte);
  const parts = Buffer.alloc(16);
  parts.writeBigUInt64LE(getRawPointer(data), 0);
  parts.writeBigUInt64LE(1n, 8);
  const control = Buffer.alloc(16 + 4 * EACH);
  control.writeBigUInt64LE(BigInt(control.length), 0);
  control.writeInt32LE(1, 8);
  control.writeInt32LE(1, 12);
  held.forEach((one, index) => control.writeInt32LE(one, 16 + 4 * index));
  const message = Buffer.alloc(56);
  message.writeBigUInt64LE(getRawPointer(parts), 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(getRawPointer(control), 32);
  message.writeBigUInt64LE(BigInt(control.length), 40);
  return functions.sendmsg(fd, message, 0) > 0n;
}

/** In flight there may be as many as descriptors may be open: whoever reads makes room. */
async function passAll(fd, byte) {
  let sent = 0;
  for (let tries = 0; sent < ${MESSAGES} && tries < 2_000; tries += 1) {
    if (pass(fd, byte)) sent += 1;
    else await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return sent;
}

const channel = functions.socket(1, 1, 0);
const path = Buffer.alloc(110);
path.writeUInt16LE(1, 0);
path.write('/run/tabbify/channel.sock', 2);
if (functions.connect(channel, path, 110) !== 0) throw new Error('no channel');
writeSync(channel, 'CONNECT example.com:443 HTTP/1.1\\r\\nHost: example.com:443\\r\\n\\r\\n');
const answer = Buffer.alloc(1024);
functions.read(channel, answer, 1024n);
const through = await passAll(channel, 'x');
const messages = await passAll(3, 'y');
writeSync(3, '\\nthe last\\n');
for (const fd of held) closeSync(fd);
process.stdout.write('sent ' + through + ' and ' + messages);
`;
