import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { TestOffice } from './office.ts';
import { ROOT } from './process.ts';

/** As the product's first documents have it. */
const SEED =
  'echo "sk-ant-1234567890" | tabbify secrets register anthropic_api_key api-key --from-stdin --tenant default';
/** Nothing else on the machine holds these. */
const PLANTED = {
  planted_one: 'Zk3q-planted-one-9fW2',
  planted_two: 'Zk3q-planted-two-7hQ4',
  planted_file: 'Zk3q-planted-file-5jX8\nwith a second line-3mB6\n',
};
const ROTATED = 'Zk3q-rotated-one-2kV1';
/** Looked for in the same way, and to be found: so the search does see what is there. */
const CANARY = 'planted_one';

/** A value as it may stand somewhere: as it is, in JSON, in base64 and in hex. */
const needles = Object.values({ ...PLANTED, rotated: ROTATED }).flatMap((value) => [
  ...value.split('\n').filter((line) => line !== ''),
  Buffer.from(value).toString('base64').slice(0, 24),
  Buffer.from(value).toString('hex'),
]);
const leaksIn = (bytes: Buffer | string) => needles.filter((needle) => bytes.includes(needle));

it('a secret goes in by the line of the first documents, and no byte of it is seen anywhere', async () => {
  await using office = await TestOffice.create('up');
  office.extraEnv.TABBIFY_LOG_LEVEL = 'trace';
  await office.open();
  const bin = join(office.directory, 'bin');
  await mkdir(bin);
  await symlink(join(ROOT, 'bin/tabbify.mjs'), join(bin, 'tabbify'));
  const env = { ...office.env, PATH: `${bin}:${dirname(process.execPath)}:${process.env.PATH}` };
  const printed: string[] = [];
  const answers: string[] = [];
  const run = async (command: string, args: readonly string[], stdin = '') => {
    const child = spawn(command, args, { cwd: office.directory, env, stdio: 'pipe' });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
    const ended = new Promise<number | null>((done) => child.once('close', done));
    child.stdin.on('error', () => {}); // who is refused does not read it
    child.stdin.end(stdin);
    const code = await ended;
    printed.push(text);
    return { code, text };
  };
  const secrets = (args: readonly string[], stdin?: string) => run('tabbify', ['secrets', ...args], stdin);

  const watched = watchProcesses();
  const seed = await run('sh', ['-c', SEED]);
  expect([seed.code, seed.text]).toEqual([0, 'Sealed anthropic_api_key (api-key), version 1.\n']);
  expect((await secrets(['list'])).text).toMatch(/anthropic_api_key +api-key +1 /);
  expect((await run('sh', ['-c', SEED])).text).toContain('tabbify secrets rotate anthropic_api_key');

  const headers = { 'content-type': 'application/json' };
  const post = (body: string) => office.api('/v1/secrets', { method: 'POST', headers, body });
  const file = ['register', 'planted_file', 'file', '--from-stdin'];
  expect((await secrets(file, PLANTED.planted_file)).code).toBe(0);
  for (const name of ['planted_one', 'planted_two'] as const) {
    const made = await post(JSON.stringify({ name, kind: 'token', value: PLANTED[name] }));
    expect(made.status).toBe(201);
    answers.push(await made.text());
  }
  expect((await secrets(['rotate', 'planted_one', '--from-stdin'], `${ROTATED}\n`)).code).toBe(0);
  expect(
    (await secrets(['register', 'platform/one', 'nonsense', '--from-stdin'], PLANTED.planted_one)).code,
  ).toBe(2);
  const broken = `{"name":"broken","kind":"token","value":"${PLANTED.planted_one}`;
  const refused = await post(broken);
  expect(refused.status).toBe(400);

  // an app is given them, and says them wherever it can; another version of it dies of them
  const holder = join(office.directory, 'holder');
  const push = async () => {
    const pushing = office.tcli('push', holder, '--json');
    let isOver = false;
    void pushing.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await approveAll(office);
      await after(100);
    }
    return pushing;
  };
  await writeHolder(holder, '');
  const held = await push();
  printed.push(held.stdout, held.stderr);
  expect(held.code, held.stderr).toBe(0);
  const at = new URL((JSON.parse(held.stdout) as { path_url: string }).path_url).pathname;
  const visit = async (path: string) => {
    const answer = await office.api(`${at}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  expect((await visit('digests')).text).toBe(
    [ROTATED, PLANTED.planted_two, PLANTED.planted_file].map(digestOf).join(' '),
  );
  expect((await visit('print')).text).toBe('printed');
  const thrown = await visit('throw');
  answers.push(thrown.text);
  expect([thrown.status, thrown.text]).toEqual([500, expect.stringContaining('which its log has')]);
  await writeHolder(holder, "if (process.env.TWO) throw new Error('no login with ' + process.env.TWO);");
  const failing = await push();
  printed.push(failing.stdout, failing.stderr);
  expect(failing.code).toBe(1);
  expect(failing.stdout + failing.stderr).toContain('no login with [redacted:planted_two]');
  expect((await visit('digests')).status).toBe(200);
  const log = await run('tabbify', ['logs', 'holder']);
  for (const words of [
    'one is [redacted:planted_one]',
    'cut [redacted:planted_two] in two',
    '[redacted:planted_file]',
    'Error: no login with [redacted:planted_two]',
    'thrown [redacted:planted_two]',
  ])
    expect(log.text).toContain(words);
  expect((await secrets(['audit'])).text).toContain('revealed');

  // an app runs beside it, and the office dies and comes back
  const app = join(office.directory, 'app');
  await cp(join(ROOT, 'examples/plain'), app, { recursive: true });
  const pushed = await office.tcli('push', app, '--json');
  expect(pushed.code, pushed.stderr).toBe(0);
  const { path_url: url } = JSON.parse(pushed.stdout) as { path_url: string };
  expect((await office.api(new URL(url).pathname)).status).toBe(200);
  const logged = office.processes.map((each) => each.output());
  await office.kill();
  await office.open();
  expect((await visit('digests')).status).toBe(200);
  const restarted = await run('tabbify', ['restart', 'holder']);
  expect(restarted.code, restarted.text).toBe(0);
  expect((await secrets(['delete', 'planted_two', '--yes'])).code).toBe(0);
  expect((await secrets(['rotate', '--master-key'])).text).toContain('All 3 secrets are under it');
  expect((await secrets(['audit', '--verify'])).text).toMatch(/^The audit is whole: \d+ lines\.$/m);

  const { paths } = (await (await office.api('/openapi.json')).json()) as { paths: Record<string, object> };
  answers.push(await refused.text());
  for (const [path, item] of Object.entries(paths)) {
    if (!('get' in item) || path.includes('{') || path.endsWith('/stream')) continue;
    answers.push(await (await office.api(path)).text());
  }
  answers.push(await (await office.api('/v1/events?limit=1000')).text());
  const processes = await watched.end();
  logged.push(...office.processes.map((each) => each.output()));
  const files = await everyFile(office.directory);

  for (const [where, texts] of Object.entries({ printed, answers, logged, processes })) {
    expect([where, leaksIn(texts.join('\n'))]).toEqual([where, []]);
  }
  expect(files.filter(({ bytes }) => leaksIn(bytes).length > 0).map(({ path }) => path)).toEqual([]);
  for (const seen of [printed, answers, processes]) expect(seen.join('\n')).toContain(CANARY);
  expect(files.filter(({ bytes }) => bytes.includes(CANARY)).length).toBeGreaterThan(1);
  expect(logged.join('\n')).toContain('gateway listens');
});

/** A person says yes to whatever waits. */
async function approveAll(office: TestOffice): Promise<void> {
  const open = (await (await office.api('/v1/approvals?status=open')).json()) as {
    approvals: { id: string; status: string; difference: string }[];
  };
  for (const { id, status, difference } of open.approvals) {
    if (status !== 'open') continue;
    const body = JSON.stringify({ difference });
    const headers = { 'content-type': 'application/json' };
    await office.api(`/v1/approvals/${id}/approve`, { method: 'POST', headers, body });
  }
}

const digestOf = (value: string) => createHash('sha256').update(value).digest('hex').slice(0, 16);

/** An app that has been given secrets, proves that it has them, and keeps none of them to itself. @param atStart of its code */
async function writeHolder(folder: string, atStart: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const secret = (name: string, variable: string) =>
    `[[secrets]]\nname = "${name}"\nenv_var = "${variable}"\n`;
  const wanted = [secret('planted_one', 'ONE'), secret('planted_two', 'TWO'), secret('planted_file', 'FILE')];
  const head = '[app]\nname = "holder"\n[build]\nmain = "main.ts"\n[runtime]\ntype = "worker"\n';
  await writeFile(join(folder, 'tabbify.toml'), head + wanted.join(''));
  await writeFile(
    join(folder, 'main.ts'),
    `import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
${atStart}
const digestOf = (value: string) => createHash('sha256').update(value).digest('hex').slice(0, 16);
export default {
  fetch(request: Request, env: Record<string, string>): Response {
    const { ONE = '', TWO = '', FILE = '' } = env;
    const file = () => readFileSync(FILE, 'utf8');
    const path = new URL(request.url).pathname;
    if (path === '/digests') return new Response([ONE, process.env.TWO ?? '', file()].map(digestOf).join(' '));
    if (path === '/throw') throw new Error(\`thrown \${TWO}\`);
    if (path !== '/print') return new Response('ok');
    console.log('one is', ONE);
    process.stdout.write(\`cut \${TWO.slice(0, 9)}\`);
    process.stdout.write(\`\${TWO.slice(9)} in two\\n\`);
    console.error(file());
    console.error({ ONE, file: file() }, JSON.stringify([TWO, file()]));
    return new Response('printed');
  },
};
`,
  );
}

/** Looks at one process, 10 ms apart at least. */
const ENOUGH_LOOKS = 50;

/** Gathers arguments and environment of every process that there is meanwhile. */
function watchProcesses() {
  const seen = new Set<string>();
  /** A process says something else only when it becomes another program, which is soon after it began. */
  const looks = new Map<string, number>();
  let isOver = false;
  const look = async () => {
    const pids = (await readdir('/proc')).filter(
      (name) => /^\d+$/.test(name) && name !== String(process.pid),
    );
    for (const pid of pids) {
      const count = (looks.get(pid) ?? 0) + 1;
      if (count > ENOUGH_LOOKS) continue;
      looks.set(pid, count);
      for (const what of ['cmdline', 'environ']) {
        const text = await readFile(`/proc/${pid}/${what}`, 'latin1').catch(() => ''); // it has ended, or is another's
        if (text !== '') seen.add(text);
      }
    }
  };
  const looking = (async () => {
    while (!isOver) {
      await look();
      await after(10);
    }
  })();
  return {
    async end(): Promise<string[]> {
      isOver = true;
      await looking;
      looks.clear();
      await look();
      return [...seen];
    },
  };
}

async function everyFile(folder: string): Promise<{ path: string; bytes: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  return Promise.all(
    // one that goes away meanwhile is gone
    paths.map(async (path) => ({ path, bytes: await readFile(path).catch(() => Buffer.alloc(0)) })),
  );
}
