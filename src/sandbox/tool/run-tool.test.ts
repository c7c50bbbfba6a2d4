import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import type { AppChannel, Destination } from '../../egress/index.ts';
import { chooseGroups } from '../groups/choose.ts';
import { findPrograms } from '../launch/programs.ts';
import { procMask } from './proc-mask.ts';
import { removeForeign } from './remove-foreign.ts';
import { runTool, type ToolResult, type ToolSpec } from './run-tool.ts';
import { CHANNEL_IN_BOX, NODE_IN_BOX } from './tool-files.ts';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));

/** A folder of an office, and one to work in below it. */
async function place(): Promise<{ home: string; work: string }> {
  const home = mkdtempSync(join(tmpdir(), 'tabbify-tool-'));
  onTestFinished(() => removeForeign(home));
  const work = join(home, 'work');
  await mkdir(work);
  return { home, work };
}

function toolIn({ home, work }: { home: string; work: string }, more: Partial<ToolSpec>): ToolSpec {
  return {
    place: { home, sockets: home },
    label: 'a test',
    argv: [NODE_IN_BOX, '--version'],
    env: { PATH: '/usr/bin', HOME: '/tmp' },
    files: [],
    writable: [{ from: work, to: '/work' }],
    channel: null,
    bounds: { memoryBytes: 1 << 30, cpus: 2, tasks: 128, tmpBytes: 64 << 20, openFiles: 1024 },
    timeoutMs: 60_000,
    ...more,
  };
}

/** Runs a module as a tool. */
async function ran(script: string, more: Partial<ToolSpec> = {}): Promise<ToolResult> {
  const here = await place();
  await writeFile(join(here.work, 'main.mjs'), script);
  return runTool(toolIn(here, { argv: [NODE_IN_BOX, 'main.mjs'], ...more }));
}

/** A channel to this machine that remembers who was asked for. */
function remembering(): AppChannel & { readonly asked: Destination[] } {
  const asked: Destination[] = [];
  return {
    asked,
    dial: async (to) => {
      asked.push(to);
      return connect(to.port, '127.0.0.1');
    },
  };
}

/** A server of this machine, outside of every box. */
async function served(body: string): Promise<number> {
  const server = createServer((_, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const ended = (result: ToolResult) => [result.ended, result.code, result.stderr, result.stdout.trim()];

describe.skipIf(skipWithout('bubblewrap', findPrograms().bwrap !== undefined))('a tool', () => {
  it('is started, reads its input, says things line by line, and ends with its code', async () => {
    const messages: string[] = [];
    const printed: string[] = [];
    const script = `
      import { writeSync } from 'node:fs';
      import { createInterface } from 'node:readline';
      createInterface({ input: process.stdin }).once('line', (line) => {
        writeSync(3, 'one\\ntwo ' + line + '\\n');
        process.stdout.write(process.env.NAME + process.cwd());
        process.exit(7);
      });`;
    const result = await ran(script, {
      input: 'hello\n',
      env: { NAME: 'a b' },
      onMessage: (line) => messages.push(line),
      onOutput: (stream, text) => printed.push(`${stream}: ${text}`),
    });
    expect(ended(result)).toEqual(['itself', 7, '', 'a b/work']);
    expect(messages).toEqual(['one', 'two hello']);
    expect(printed).toEqual(['stdout: a b/work']);
  });

  it('that waits for its input is the first program of its box, and gets it when that was looked at', async () => {
    const messages: string[] = [];
    const script = `
      import { readFileSync, writeSync } from 'node:fs';
      import { createInterface } from 'node:readline';
      createInterface({ input: process.stdin }).once('line', (line) => {
        const status = readFileSync('/proc/self/status', 'utf8');
        writeSync(3, [line, process.ppid, /NoNewPrivs:\\s*1/.test(status), process.cwd()].join(' ') + '\\n');
        process.exit(7);
      });`;
    const here = await place();
    await writeFile(join(here.work, 'main.mjs'), script);
    const spec = {
      waitsForInput: true,
      input: 'hello\n',
      writable: [],
      onMessage: (line: string) => messages.push(line),
    };
    const files = [{ from: join(here.work, 'main.mjs'), to: '/main.mjs' }];
    const result = await runTool(toolIn(here, { ...spec, files, argv: [NODE_IN_BOX, '/main.mjs'] }));
    expect(ended(result)).toEqual(['itself', 7, '', '']);
    expect(messages).toEqual(['hello 1 true /tmp']);
  });

  it('says by what signal it ended', async () => {
    const result = await ran('process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)');
    expect([result.ended, result.code, result.signal]).toEqual(['itself', null, 'SIGTERM']);
  });

  it('that is not in the box is refused with words', async () => {
    const here = await place();
    await expect(runTool(toolIn(here, { argv: ['/usr/bin/nothing'] }))).rejects.toMatchObject({
      code: 'box_failed',
      why: expect.stringContaining('ENOENT'),
    });
  });

  it('has child processes, which end with it', async () => {
    const script = `
      import { spawn } from 'node:child_process';
      import { once } from 'node:events';
      const child = spawn(process.execPath, ['-e', 'process.exit(3)']);
      const [code] = await once(child, 'exit');
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' }).unref();
      console.log(code);`;
    expect(ended(await ran(script))).toEqual(['itself', 0, '', '3']);
  });

  it('has a loopback of its own, and no way to that of the machine', async () => {
    const port = await served('of the machine');
    const script = `
      import { createServer } from 'node:http';
      const server = createServer((_, response) => response.end('mine'));
      await new Promise((resolve) => server.listen(0, 'localhost', resolve));
      const mine = await (await fetch('http://localhost:' + server.address().port)).text();
      const other = await fetch('http://127.0.0.1:${port}').catch((error) => error.cause.code);
      console.log(mine, other);
      process.exit();`;
    expect(ended(await ran(script))).toEqual(['itself', 0, '', 'mine ECONNREFUSED']);
  });

  it('reaches through its channel what the channel lets it, by the proxy that programs are told of', async () => {
    const port = await served('through the channel');
    const channel = remembering();
    const script = `console.log(await (await fetch('http://app.example:${port}/')).text())`;
    const result = await ran(script, { channel });
    expect(ended(result)).toEqual(['itself', 0, '', 'through the channel']);
    expect(channel.asked).toEqual([{ host: 'app.example', port }]);
  });

  it('without a channel has no proxy and no socket', async () => {
    const script = `
      import { existsSync } from 'node:fs';
      console.log(existsSync('${CHANNEL_IN_BOX}'), process.env.HTTP_PROXY);`;
    expect(ended(await ran(script))).toEqual(['itself', 0, '', 'false undefined']);
  });

  it('writes to its folders and /tmp only, and what it wrote is there', async () => {
    const here = await place();
    await writeFile(join(here.work, 'given'), 'given');
    await writeFile(join(here.home, 'canary'), 'untouched');
    const script = `
      const { writeFileSync, appendFileSync } = require('node:fs');
      const tried = ['/work/made', '/tmp/made', '/made', '/usr/made', '/etc/hosts', '/in/canary'].map((path) => {
        try { writeFileSync(path, 'x'); return 'written'; } catch (error) { return error.code; }
      });
      appendFileSync('/work/given', ', changed');
      console.log(tried.join(' '));`;
    const result = await runTool(
      toolIn(here, {
        argv: [NODE_IN_BOX, '-e', script],
        files: [{ from: join(here.home, 'canary'), to: '/in/canary' }],
      }),
    );
    expect(ended(result)).toEqual(['itself', 0, '', 'written written EROFS EROFS EROFS EROFS']);
    expect((await readdir(here.work)).toSorted()).toEqual(['given', 'made']);
    expect(readFileSync(join(here.work, 'given'), 'utf8')).toBe('given, changed');
    expect(readFileSync(join(here.home, 'canary'), 'utf8')).toBe('untouched');
  });

  it('sees of /proc its own processes and four files', async () => {
    const script = `
      import { readdirSync, readFileSync } from 'node:fs';
      import { cpus } from 'node:os';
      const read = (path) => { try { return readFileSync(path, 'latin1').length > 0; } catch { return false; } };
      const files = readdirSync('/proc', { withFileTypes: true });
      const readable = files.filter((entry) => entry.isFile() && read('/proc/' + entry.name)).map(({ name }) => name);
      const folders = files.filter((entry) => entry.isDirectory() && !/^\\d+$/.test(entry.name));
      const full = folders.filter(({ name }) => readdirSync('/proc/' + name).length > 0).map(({ name }) => name);
      console.log(JSON.stringify([readable.sort(), full, cpus().length > 0, process.memoryUsage().rss > 0]));`;
    const result = await ran(script);
    expect(JSON.parse(result.stdout)).toEqual([['cpuinfo', 'meminfo', 'stat', 'uptime'], [], true, true]);
    expect(procMask()).toContain('/proc/cmdline');
  });

  it('is ended at its time limit, when it is given up, and when it writes a line without an end', async () => {
    const forever = 'setInterval(() => {}, 1000)';
    expect(ended(await ran(forever, { timeoutMs: 1_500 }))).toEqual(['timeout', null, '', '']);
    const giveUp = new AbortController();
    const script = `import { writeSync } from 'node:fs'; writeSync(3, 'here\\n'); ${forever}`;
    const running = ran(script, { signal: giveUp.signal, onMessage: () => giveUp.abort() });
    expect(ended(await running)).toEqual(['aborted', null, '', '']);
    const flood = `import { writeSync } from 'node:fs'; for (;;) writeSync(3, 'x'.repeat(65536));`;
    expect(ended(await ran(flood))).toEqual(['flooded', null, '', '']);
    const chatter = `for (;;) require('node:fs').writeSync(1, 'x'.repeat(1 << 20));`;
    const result = await ran('', { argv: [NODE_IN_BOX, '-e', chatter] });
    expect([result.ended, result.stdout.length]).toEqual(['flooded', 64 * 1024]);
  });

  it.skipIf(!chooseGroups().holds.has('memory'))('is ended at its bound of memory', async () => {
    const script = `
      const kept = [];
      for (;;) kept.push(Buffer.alloc(16 << 20, 1));`;
    const bounds = { memoryBytes: 192 << 20, cpus: 2, tasks: 128, tmpBytes: 16 << 20, openFiles: 1024 };
    expect((await ran(script, { bounds })).ended).toBe('memory');
  });

  it.each([
    ['bytes', `for (;;) appendFileSync('/work/one', Buffer.alloc(1 << 20))`],
    ['a file of holes', `writeFileSync('/work/one', ''); truncateSync('/work/one', 1e12); process.exit()`],
    ['names', `for (let i = 0; i < 3000; i++) writeFileSync('/work/' + i, ''); process.exit()`],
    ['links', `for (let i = 0; i < 3000; i++) symlinkSync('/', '/work/' + i); process.exit()`],
    [
      'folders in folders',
      `for (let i = 0; i < 2500; i++) { mkdirSync('a'); process.chdir('a'); } process.exit()`,
    ],
  ])('is ended when there is more in its folders than may be: %s', async (_name, script) => {
    const here = await place();
    await writeFile(join(here.home, 'main.cjs'), `Object.assign(globalThis, require('node:fs')); ${script}`);
    const files = [{ from: join(here.home, 'main.cjs'), to: '/main.cjs' }];
    const disk = { bytes: 32 << 20, entries: 2_000 };
    const result = await runTool(toolIn(here, { argv: [NODE_IN_BOX, '/main.cjs'], files, disk }));
    expect(result.ended).toBe('disk');
  });

  it('that keeps within what its folders may hold is not ended', async () => {
    const disk = { bytes: 32 << 20, entries: 2_000 };
    const script = `import { writeFileSync } from 'node:fs'; writeFileSync('one', Buffer.alloc(8 << 20));`;
    expect(ended(await ran(script, { disk }))).toEqual(['itself', 0, '', '']);
  });

  it('is not started when it was given up before', async () => {
    const result = await ran('console.log("started")', { signal: AbortSignal.abort() });
    expect(ended(result)).toEqual(['aborted', null, '', '']);
  });

  it.skipIf(process.getuid?.() !== 0)('gets no folder that other users get to', async () => {
    const { home, work } = await place();
    const open = mkdtempSync(join(tmpdir(), 'tabbify-open-'));
    onTestFinished(() => rmSync(open, { recursive: true, force: true }));
    const spec = toolIn({ home, work }, { writable: [{ from: open, to: '/work' }] });
    const why = expect.stringContaining('other users');
    await expect(runTool(spec)).rejects.toMatchObject({ code: 'box_failed', why });
  });

  it("runs Node's test runner, and a bundler in another language", async () => {
    const here = await place();
    await mkdir(join(here.work, 'test'));
    await writeFile(
      join(here.work, 'test/a.test.mjs'),
      `import { test } from 'node:test';
       import { build } from '/repo/node_modules/esbuild/lib/main.js';
       test('bundles', async () => {
         await build({ stdin: { contents: 'export const a: number = 1', loader: 'ts' }, outfile: '/work/out.js' });
       });`,
    );
    const result = await runTool(
      toolIn(here, {
        argv: [NODE_IN_BOX, '--test'],
        files: [{ from: join(CHECKOUT, 'node_modules'), to: '/repo/node_modules' }],
      }),
    );
    expect(result.stdout).toContain('pass 1');
    expect([result.ended, result.code]).toEqual(['itself', 0]);
    expect(readFileSync(join(here.work, 'out.js'), 'utf8')).toContain('a = 1');
  });
});
