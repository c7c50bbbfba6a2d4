import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../drill/until.ts';
import { get } from './get.ts';
import { TestOffice } from './office.ts';
import { ROOT, run, type Started, start } from './process.ts';

let office: TestOffice;
let dev: Started | null = null;
beforeAll(async () => {
  office = await TestOffice.createBare('up');
  await office.open();
});
afterAll(async () => {
  await dev?.end('SIGKILL');
  await office[Symbol.asyncDispose]();
});

/** A line that the page has its reader write. */
const NO = "    throw new Error('no');\n";

/** Commands of a page, in order, as a reader would copy them: the lines of its blocks for a shell. */
function commandsOf(page: string): string[] {
  return [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
}

/** `npx tcli …` → the program of this checkout with its arguments. */
function programOf(command: string): readonly [file: string, args: readonly string[]] {
  const [, name = '', rest = ''] = /^npx (tcli|tabbify) (.+)$/.exec(command) ?? [];
  expect(name, `a command that a reader can copy: ${command}`).not.toBe('');
  return [`bin/${name}.mjs`, rest.split(' ')];
}

it('who follows the words of getting-started writes, runs, publishes, breaks and mends an app that keeps data', async () => {
  const page = await readFile(join(ROOT, 'docs/getting-started.md'), 'utf8');
  const commands = commandsOf(page);
  const app = join(office.directory, 'my-book');

  /** Runs the next command of the page, which is this one. */
  const follow = async (expected: string, more: readonly string[] = []) => {
    expect(commands.shift()).toBe(expected);
    const [file, args] = programOf(expected);
    return run(file, [...args, ...more], office.env, office.directory);
  };
  const done = async (expected: string, ...more: string[]) => {
    const result = await follow(expected, more);
    expect(result.code, `${expected}\n${result.stdout}${result.stderr}`).toBe(0);
    return result;
  };
  const push = () => run(...programOf('npx tcli push my-book'), office.env, office.directory);
  /** Line of `src/guestbook.ts` that a text stands on. */
  const lineOf = async (text: string) =>
    (await readFile(join(app, 'src/guestbook.ts'), 'utf8')).split(text)[0]?.split('\n').length;
  /** Makes a change that the page words. */
  const write = async (file: string, change: (text: string) => string) => {
    const path = join(app, file);
    const before = await readFile(path, 'utf8');
    const after = change(before);
    expect(after).not.toBe(before);
    await writeFile(path, after);
  };
  const sign = (at: string, message: string) =>
    fetch(`${at}/`, {
      method: 'POST',
      body: new URLSearchParams({ name: 'Ada', message }),
      redirect: 'manual',
    });

  expect(commands.shift()).toBe('npm start'); // the office is open
  const made = await done('npx tcli init my-book --template guestbook');
  expect(page).toContain(made.stdout.trimEnd()); // it says what is really printed

  // Runs it while it is written.
  expect(commands.shift()).toBe('npx tcli dev my-book');
  dev = start(...programOf('npx tcli dev my-book --port 0'), office.env, ROOT, office.directory);
  const [local = ''] = await dev.printed(/http:\/\/127\.0\.0\.1:\d+/);
  expect((await sign(local, 'while I write')).status).toBe(303);
  expect((await get(`${local}/`)).body).toContain('while I write');
  await write('src/page.ts', (text) => text.replace('<h1>', '<h1>My '));
  await until('the change to be served', async () => (await get(`${local}/`)).body.includes('<h1>My '));
  expect((await get(`${local}/`)).body).toContain('while I write');
  expect(await dev.end('SIGINT')).toBe(0);

  // Publishes it: its data is its own.
  expect(page).toContain('Type `y`'); // there is no terminal here to type in
  const pushed = await done('npx tcli push my-book', '--approve');
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+\/app\/[\da-f-]+/.exec(pushed.stdout) ?? [];
  expect((await get(`${url}/`)).body).not.toContain('while I write');
  expect((await sign(url, 'hello from the first day')).status).toBe(303);
  await done('npx tabbify restart my-book');
  await until('it to serve again', async () => (await get(`${url}/`)).status === 200);
  expect((await get(`${url}/`)).body).toContain('hello from the first day');

  // Changes it, and takes that back.
  expect(page).toContain('Change `TITLE`');
  await write('tabbify.toml', (text) => text.replace('TITLE = "', 'TITLE = "Our '));
  expect((await push()).code).toBe(0);
  expect((await get(`${url}/`)).body).toContain('Our ');
  await done('npx tabbify rollback my-book');
  await until('the version before', async () => !(await get(`${url}/`)).body.includes('Our '));

  // Breaks it in its words …
  expect(page).toContain('Write nonsense at the end of `my-book/src/guestbook.ts`, `const x = ;`');
  await write('src/guestbook.ts', (text) => `${text}const x = ;\n`);
  const nonsense = await push();
  expect(nonsense.code).toBe(1);
  expect(nonsense.stderr).toMatch(/src\/guestbook\.ts:\d+:11: Unexpected ";"[\s\S]*const x = ;/);
  expect((await get(`${url}/`)).body).toContain('hello from the first day');
  // … in its first page, which is not put in place …
  await write('src/guestbook.ts', (text) => text.replace('const x = ;\n', ''));
  await write('src/guestbook.ts', (text) => text.replace(/app\.get\('\/'.*=> \{\n/, `$&${NO}`));
  // The page's reader waits for 30 s here.
  await write('tabbify.toml', (text) => `${text}\n[health]\ntimeout_sec = 2\n`);
  const unwell = await push();
  expect(unwell.code).toBe(1);
  expect(unwell.stderr).toContain(`src/guestbook.ts:${await lineOf(NO)}:`);
  expect((await get(`${url}/`)).status).toBe(200);
  // … and where only the log tells of it.
  await write('src/guestbook.ts', (text) =>
    text.replace(NO, '').replace(/app\.post\('\/'.*=> \{\n/, `$&${NO}`),
  );
  expect((await push()).code).toBe(0);
  expect((await sign(url, 'is it broken?')).status).toBe(500);
  const logs = await done('npx tabbify logs my-book');
  expect(logs.stdout).toMatch(new RegExp(`Error: no[\\s\\S]*src/guestbook\\.ts:${await lineOf(NO)}:`));

  // Mends it, and all is there.
  await write('src/guestbook.ts', (text) => text.replace(NO, ''));
  expect((await push()).code).toBe(0);
  expect((await sign(url, 'all is well')).status).toBe(303);
  const mended = (await get(`${url}/`)).body;
  for (const message of ['hello from the first day', 'all is well']) expect(mended).toContain(message);
  expect(mended).not.toContain('is it broken?');
  expect(commands).toEqual([]); // the walk has followed the whole page
});
