import { mkdtempSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { findPrograms } from '../launch/programs.ts';
import { removeForeign } from './remove-foreign.ts';
import { runTool } from './run-tool.ts';
import { NODE_IN_BOX } from './tool-files.ts';

/** Asks about interfaces, then makes every netlink socket there is, natively, and tries to change the network of the box. */
const SCRIPT = `
import { networkInterfaces } from 'node:os';
import { dlopen, getInt32 } from 'node:ffi';

const { functions } = dlopen('libc.so.6', {
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  write: { arguments: ['i32', 'buffer', 'u64'], return: 'i64' },
  read: { arguments: ['i32', 'buffer', 'u64'], return: 'i64' },
  __errno_location: { arguments: [], return: 'pointer' },
});
const [AF_NETLINK, SOCK_RAW, SOCK_DGRAM, EREMOTEIO] = [16, 3, 2, 121];
const made = [];
const refused = new Set();
for (const type of [SOCK_RAW, SOCK_DGRAM])
  for (let protocol = 0; protocol < 23; protocol += 1) {
    if (functions.socket(AF_NETLINK, type, protocol) >= 0) made.push([type, protocol]);
    else refused.add(getInt32(functions.__errno_location()));
  }
const fd = functions.socket(AF_NETLINK, SOCK_RAW, 0);
const ask = (type, flags, rest) => {
  const message = Buffer.alloc(16 + rest.length);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(flags, 6);
  rest.copy(message, 16);
  functions.write(fd, message, BigInt(message.length));
  const answer = Buffer.alloc(4096);
  functions.read(fd, answer, 4096n);
  return answer.readUInt16LE(4) === 2 ? answer.readInt32LE(16) : 'done'; // NLMSG_ERROR; 0: it was done
};
const [REQUEST, ACK, CREATE] = [1, 4, 0x400];
const loopback = Buffer.alloc(16); // struct ifinfomsg of interface 1, to be taken down
loopback.writeInt32LE(1, 4);
loopback.writeUInt32LE(1, 12);
const address = Buffer.from([2, 8, 0, 0, 1, 0, 0, 0, 8, 0, 2, 0, 10, 1, 2, 3]); // 10.1.2.3/8 on interface 1
const changed = {
  link: ask(16, REQUEST | ACK, loopback),
  address: ask(20, REQUEST | ACK | CREATE, address),
};
console.log(JSON.stringify({ names: Object.keys(networkInterfaces()), made, refused: [...refused], changed }));
`;

it.skipIf(skipWithout('bubblewrap', findPrograms().bwrap !== undefined))(
  'is told of its own loopback, and of nothing else, by the one netlink socket that it gets',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'tabbify-tool-'));
    onTestFinished(() => removeForeign(home));
    const work = join(home, 'work');
    await mkdir(work);
    await writeFile(join(work, 'main.mjs'), SCRIPT);
    const { code, stdout, stderr } = await runTool({
      place: { home, sockets: home },
      label: 'a test',
      argv: [NODE_IN_BOX, '--disable-warning=ExperimentalWarning', 'main.mjs'],
      env: { PATH: '/usr/bin', HOME: '/tmp' },
      files: [],
      writable: [{ from: work, to: '/work' }],
      channel: null,
      bounds: { memoryBytes: 1 << 30, cpus: 2, tasks: 128, tmpBytes: 64 << 20, openFiles: 1024 },
      timeoutMs: 60_000,
    });
    expect([code, stderr]).toEqual([0, '']);
    const EPERM = 1;
    expect(JSON.parse(stdout)).toEqual({
      names: ['lo'],
      made: [[3, 0]],
      refused: [121],
      changed: { link: -EPERM, address: -EPERM },
    });
  },
);
