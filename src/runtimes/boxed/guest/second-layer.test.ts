import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { removeGuestProgram, serveGuest } from './testing/index.ts';

afterAll(removeGuestProgram);

/** An app that tries each of these, outside a box: what keeps it from that here are Node's own flags. */
const app = (folder: string) => `
  import childProcess from 'node:child_process'; import cluster from 'node:cluster'; import ffi from 'node:ffi'; import fs from 'node:fs';
  import inspector from 'node:inspector'; import { WASI } from 'node:wasi';
  import { Worker } from 'node:worker_threads'; import { Server } from 'node:net';
  const folder = ${JSON.stringify(folder)};
  const touch = [process.execPath, ['-e', 'require("fs").writeFileSync(' + JSON.stringify(folder + '/touched') + ', "")']];
  const tries = {
    spawn: () => childProcess.spawn(...touch),
    spawnSync: () => { const { error } = childProcess.spawnSync(...touch); if (error) throw error; },
    exec: () => childProcess.execFileSync(...touch),
    fork: () => childProcess.fork(folder + '/secret'),
    cluster: () => cluster.fork(),
    binding: () => process.binding('spawn_sync').spawn({}),
    worker: () => new Worker('1', { eval: true }),
    inspector: () => inspector.open(0),
    session: () => new inspector.Session().connect(),
    ffi: () => ffi.dlopen(null, { getpid: { parameters: [], result: 'int' } }),
    wasi: () => new WASI({ version: 'preview1', preopens: { '/': folder } }),
    addon: () => process.dlopen({ exports: {} }, folder + '/secret'),
    read: () => fs.readFileSync(folder + '/secret'),
    list: () => fs.readdirSync(folder),
    write: () => fs.writeFileSync(folder + '/touched', ''),
    rename: () => fs.renameSync(folder + '/secret', '/tmp/taken'),
    link: () => fs.symlinkSync(folder + '/secret', '/tmp/link-' + process.pid),
    report: () => process.report.writeReport(folder + '/touched'),
    snapshot: () => process.getBuiltinModule('node:v8').writeHeapSnapshot(folder + '/touched'),
  };
  export default async (request) => {
    const name = new URL(request.url).pathname.slice(1);
    try { await tries[name](); return new Response('done'); } catch ({ code }) { return new Response(code); }
  };
`;

test('has no child processes, threads, inspector, foreign functions, WASI, add-ons, and no files but its own', async () => {
  const folder = await mkdtemp('/var/tmp/second-layer-'); // not below /tmp, where it may read and write
  await writeFile(join(folder, 'secret'), 'canary');
  try {
    await using guest = await serveGuest(app(folder));
    const tried: Record<string, string> = {};
    for (const [, name = ''] of app(folder).matchAll(/^ {4}(\w+): \(\)/gm)) {
      tried[name] = (await guest.get(`/${name}`)).text;
    }
    const denied = Object.fromEntries(Object.keys(tried).map((name) => [name, 'ERR_ACCESS_DENIED']));
    expect(tried).toEqual({ ...denied, addon: 'ERR_DLOPEN_DISABLED' });
    expect(Object.keys(tried).length).toBe(19);
    expect(existsSync(join(folder, 'touched'))).toBe(false);
    expect(guest.output()).toBe('');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('has files in /tmp, WebAssembly, and databases there', async () => {
  await using guest = await serveGuest(`
    import fs from 'node:fs'; import { DatabaseSync } from 'node:sqlite';
    export default () => {
      const folder = fs.mkdtempSync('/tmp/second-layer-');
      try {
        fs.writeFileSync(folder + '/a', 'text');
        const database = new DatabaseSync(folder + '/b');
        database.exec('create table t(x)');
        database.close();
        const module = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
        return Response.json([fs.readFileSync(folder + '/a', 'utf8'), fs.readdirSync(folder), module instanceof WebAssembly.Module]);
      } finally { fs.rmSync(folder, { recursive: true }); }
    };
  `);
  expect(JSON.parse((await guest.get('/')).text)).toEqual(['text', ['a', 'b'], true]);
});
