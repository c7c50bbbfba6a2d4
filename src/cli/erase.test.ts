import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { run } from './tabbify.ts';
import { collector, runCli } from './testing/run-cli.ts';
import { json, stubNode } from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const SUBJECT = 'integration/7';
const MB = 1024 * 1024;

/** A node that has three bodies about the subject, and what it was asked to erase. */
async function nodeWithBodies() {
  const asked: unknown[] = [];
  const stub = await stubNode({
    'POST /v1/events/erase': async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = JSON.parse(Buffer.concat(chunks).toString());
      asked.push(body);
      const kept = { events: 1, why: 'they are what the office itself is made of' };
      json(response, 200, { ...body, events: 3, bytes: 2048, keys: 1, through: 9, kept });
    },
  });
  return Object.assign(stub, { asked });
}

test('events erase --dry-run shows what it would erase and changes nothing', async () => {
  await using folder = await temporaryFolder();
  await using node = await nodeWithBodies();
  const options = { cwd: folder.path, env: node.env };
  const shown = await runCli('tabbify', ['events', 'erase', '--subject', SUBJECT, '--dry-run'], options);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).toBe(
    'Would erase what came from outside about integration/7: 3 bodies (2.0 KB), 1 key.\n' +
      '1 event about it stays: they are what the office itself is made of.\n',
  );
  const argv = ['events', 'erase', '--subject', SUBJECT, '--dry-run', '--json'];
  expect((await runCli('tabbify', argv, options)).json()).toMatchObject({
    dry_run: true,
    events: 3,
    keys: 1,
  });
  expect(node.asked).toEqual(Array(2).fill({ subject: SUBJECT, dry_run: true }));
});

test('without a yes nothing is erased; --yes erases and says what', async () => {
  await using folder = await temporaryFolder();
  await using node = await nodeWithBodies();
  const options = { cwd: folder.path, env: node.env };
  const unasked = await runCli('tabbify', ['events', 'erase', '--subject', SUBJECT], options);
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toContain(`tabbify events erase --subject ${SUBJECT} --yes`);
  const quiet = await runCli('tabbify', ['events', 'erase', '--subject', SUBJECT, '--json'], options);
  expect(quiet).toMatchObject({ code: 2, stdout: '' });
  expect(node.asked).toEqual(Array(2).fill({ subject: SUBJECT, dry_run: true }));

  const done = await runCli('tabbify', ['events', 'erase', '--subject', SUBJECT, '--yes'], options);
  expect(done).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Erased what .* 3 bodies \(2\.0 KB\), 1 key\./),
  });
  const argv = ['events', 'erase', '--subject', SUBJECT, '--yes', '--json'];
  expect((await runCli('tabbify', argv, options)).json()).toMatchObject({ dry_run: false, events: 3 });
  expect(node.asked.slice(2)).toEqual(Array(2).fill({ subject: SUBJECT, dry_run: false }));
});

test.each([
  ['y', [true, false], 'Erased what'],
  ['n', [true], 'Nothing was erased.'],
  ['\u0003', [true], 'Nothing was erased.'],
] as const)('a person at a terminal is asked, and answers %o', async (answer, asked, told) => {
  await using folder = await temporaryFolder();
  await using node = await nodeWithBodies();
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  let answered = false;
  const out = collector(true, (text) => {
    if (answered || !text.includes('Erase it for good?')) return;
    answered = true;
    setImmediate(() => stdin.write(answer));
  });
  const code = await run(['events', 'erase', '--subject', SUBJECT], {
    ...{ stdin, stdout: out.stream, stderr: collector(true).stream, cwd: folder.path },
    env: { TABBIFY_HOME: folder.path, ...node.env },
  });
  expect(code).toBe(0);
  expect(out.text()).toContain('Would erase');
  expect(out.text()).toContain(told);
  expect(node.asked.map((each) => (each as { dry_run: boolean }).dry_run)).toEqual(asked);
});

test('events erase needs a subject', async () => {
  await using folder = await temporaryFolder();
  await using node = await nodeWithBodies();
  const { code, stderr } = await runCli('tabbify', ['events', 'erase', '--yes'], {
    cwd: folder.path,
    env: node.env,
  });
  expect(code).toBe(2);
  expect(stderr).toContain('--subject');
  expect(node.asked).toEqual([]);
});

const sizes = {
  ...{
    head: 12,
    file_bytes: 3 * MB,
    free_bytes: 0,
    blobs_bytes: MB,
    projections_bytes: 0,
    snapshots_bytes: 0,
  },
  traffic: { events: 2, bytes: 100 * MB, oldest: null, days: 30, max_bytes: 1024 * MB },
  ...{ disk_free_bytes: 5000 * MB, reserve_bytes: 256 * MB, refused_unknown: {} },
};
const office = (log: object) =>
  stubNode({
    'GET /health': (_request, response) => json(response, 200, { status: 'ok' }),
    'GET /v1/apps': (_request, response) => json(response, 200, { apps: [] }),
    'GET /v1/supervisors': (_request, response) => json(response, 200, { supervisors: [] }),
    'GET /v1/log': (_request, response) => json(response, 200, log),
  });

test('status says in one line what the log takes, and to those who may not know its position alone', async () => {
  await using folder = await temporaryFolder();
  await using node = await office(sizes);
  const { stdout } = await runCli('tabbify', ['status'], { cwd: folder.path, env: node.env });
  expect(stdout).toMatch(
    /log +position 12; 4\.0 MB on disk; from outside 100 MB of 1\.0 GB, kept 30 days; 4\.9 GB free/,
  );
  const whole = await runCli('tabbify', ['status', '--json'], { cwd: folder.path, env: node.env });
  expect(whole.json()).toMatchObject({ position: 12, log: sizes });
  await using other = await office({ head: 7 });
  const short = await runCli('tabbify', ['status'], { cwd: folder.path, env: other.env });
  expect(short.stdout).toMatch(/log +position 7\n/);
});

test('doctor warns when the disk is near the reserve or bodies are at their bound, and is quiet otherwise', async () => {
  await using folder = await temporaryFolder();
  const FREE = {
    TABBIFY_NODE_BIND: '127.0.0.1:0',
    TABBIFY_GATEWAY_BIND: '127.0.0.1:0',
    TABBIFY_SUPERVISOR_BIND: '127.0.0.1:0',
  };
  const findings = async (log: object) => {
    await using node = await office(log);
    const { stdout } = await runCli('tabbify', ['doctor', '--json'], {
      cwd: folder.path,
      env: { ...node.env, ...FREE },
    });
    const report = JSON.parse(stdout) as {
      findings: { name: string; ok: boolean; detail: string; hint?: string }[];
    };
    return report.findings.filter(({ name }) => name.startsWith('Log'));
  };
  expect(await findings(sizes)).toEqual([{ ok: true, name: 'Log', detail: '4.0 MB at position 12' }]);
  expect(await findings({ head: 7 })).toEqual([{ ok: true, name: 'Log', detail: 'position 7' }]);
  expect(await findings({ ...sizes, disk_free_bytes: 300 * MB })).toMatchObject([
    { ok: true },
    {
      ok: false,
      detail: expect.stringContaining('soon nothing from outside is taken'),
      hint: expect.stringContaining('room'),
    },
  ]);
  expect(await findings({ ...sizes, disk_free_bytes: 200 * MB })).toMatchObject([
    { ok: true },
    { ok: false, detail: expect.stringContaining('nothing from outside is taken now') },
  ]);
  const traffic = { ...sizes.traffic, bytes: 1000 * MB };
  expect(await findings({ ...sizes, traffic })).toMatchObject([
    { ok: true },
    {
      ok: true,
      detail: expect.stringContaining('1000 MB of 1.0 GB'),
      hint: expect.stringContaining('TABBIFY_TRAFFIC_MB'),
    },
  ]);
});
