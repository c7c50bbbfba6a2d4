import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import {
  appRow,
  deploymentRow,
  eventStream,
  json,
  problem,
  type Route,
  stubNode,
} from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const UUID = '0191e7c2-1111-7222-8333-444455556666';
const ID = '0191e7c2-aaaa-7222-8333-000000000001';
const PHASES = ['requested', 'building', 'placing', 'starting', 'healthy', 'switched'];
const [BERLIN, PARIS] = ['berlin', 'paris'].map((supervisor) => ({
  supervisor,
  runtime: 'worker',
  success: true,
}));
const LOST = { ...PARIS, success: false, error: 'it answered 500', log_tail: ['boom at src/index.ts:3'] };

const row = (change: object = {}) => deploymentRow({ id: ID, ...change });

/** An office whose deployments go those steps and end as that; keeps what was asked for. */
async function office(steps: readonly string[], end: object = {}, more: Record<string, Route> = {}) {
  const bodies: unknown[] = [];
  const accept: Route = async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    bodies.push(JSON.parse(text));
    json(response, 202, { deployment_id: ID });
  };
  const folder = await temporaryFolder();
  const node = await stubNode({
    'GET /v1/apps': (_request, response) =>
      json(response, 200, { apps: [appRow(UUID, 'shop')], next_cursor: null }),
    'GET /v1/apps/:id': (_request, response) => json(response, 200, appRow(UUID, 'shop')),
    'POST /v1/apps/:id/deploy': accept,
    'POST /v1/apps/:id/rollback': accept,
    'GET /v1/deployments/:id/stream': (_request, response) =>
      eventStream(
        response,
        steps.map((phase) => (phase === 'building' ? { phase, detail: 'bundle' } : { phase })),
      ),
    'GET /v1/deployments/:id': (_request, response) => json(response, 200, row(end)),
    ...more,
  });
  return {
    ...{ node, bodies },
    run: (...argv: string[]) => runCli('tabbify', argv, { cwd: folder.path, env: node.env }),
    terminal: (...argv: string[]) =>
      runCli('tabbify', argv, { cwd: folder.path, env: { ...node.env, NO_COLOR: '1' }, terminal: true }),
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('deploy and rollback ask for a version and hosts or for none, and end with where it answers', async () => {
  await using the = await office(PHASES);
  const deployed = await the.run(
    'deploy',
    'shop',
    '--version',
    '2',
    '--on',
    'berlin',
    '--on',
    'paris=docker',
  );
  expect([deployed.code, deployed.stdout]).toEqual([
    0,
    'shop  version 2 is in place\n  http://shop.localhost:8090/\n',
  ]);
  expect(
    deployed.stderr
      .replaceAll(/\([\d.]+ s\)/g, '(time)')
      .split('\n')
      .filter(Boolean),
  ).toEqual([
    'Asking for a deployment of shop',
    'Building: bundle',
    'Built (time)',
    'Starting on local (wasm-http)',
    'local: serving (time)',
    'In place (time)',
  ]);
  const back = await the.run('rollback', 'shop', '--json');
  expect([back.code, back.stderr, back.json()]).toEqual([
    0,
    '',
    expect.objectContaining({ uuid: UUID, version: 2, deployment_id: ID, results: row().results }),
  ]);
  expect(the.bodies).toEqual([
    { version: 2, targets: [{ supervisor: 'berlin' }, { supervisor: 'paris', runtime: 'docker' }] },
    {},
  ]);
  expect(the.node.requests).toContain(`POST /v1/apps/${UUID}/rollback`);
});

test.each([
  [['--version', '0'], 'versions are numbered 1, 2, 3'],
  [['--on', 'berlin', '--on', 'berlin=docker'], 'berlin is named twice'],
  [['--on', '=docker'], 'it must be the name of a host, or name=runtime'],
  [['--on', 'berlin='], 'it must be the name of a host, or name=runtime'],
  [['--on', 'berlin=dokcer'], 'a runtime is one of wasm-http, worker, docker, firecracker'],
])('deploy %o is wrong usage, and nothing is asked for', async (flags, why) => {
  await using the = await office(PHASES);
  const { code, stderr } = await the.run('deploy', 'shop', ...flags);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(new RegExp(`${why}[\\s\\S]*to do  For example `)),
  ]);
  expect(the.bodies).toEqual([]);
});

test.each([
  [
    { phase: 'failed', stage: 'starting', reason: 'it answered 500', log_tail: ['boom'] },
    /failed while it was started\nwhy +it answered 500\n +boom\nto do .*tabbify deploy shop/,
  ],
  [
    {
      phase: 'failed',
      stage: 'starting',
      reason: 'none has it',
      results: [{ ...LOST, supervisor: 'berlin' }, LOST],
    },
    /why +berlin: it answered 500\n +boom.*\n +paris: it answered 500\n +boom/,
  ],
  [{ phase: 'superseded', reason: 'the newer deployment x' }, /a newer deployment took its turn/],
  [{ phase: 'cancelled', reason: 'called off by user:dana' }, /called off by user:dana/],
])('a deployment that ends as %o is exit code 1 and says why', async (end, text) => {
  await using the = await office(['requested', 'placing', 'starting', end.phase], end);
  const { code, stdout, stderr } = await the.run('deploy', 'shop');
  expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(text)]);
  expect(stderr).not.toContain('In place');
});

test('one that some hosts did not take up is in place there, and exit code 1 with what happened elsewhere', async () => {
  await using the = await office(PHASES, { results: [BERLIN, LOST] });
  const { code, stdout, stderr } = await the.run('deploy', 'shop');
  expect([code, stdout]).toEqual([1, expect.stringContaining('shop  version 2 is in place on berlin\n')]);
  expect(stderr).toMatch(/^paris: failed: it answered 500 \(/m);
  expect(stderr).toMatch(/^In place on 1 of 2 hosts \(/m);
  expect(stderr).toContain('error  Version 2 of shop is in place on berlin, but not on paris\n');
  expect(stderr).toContain('paris: it answered 500\n       boom at src/index.ts:3\n');
  const forMachines = await the.run('deploy', 'shop', '--json');
  expect([forMachines.code, forMachines.json()]).toEqual([
    1,
    expect.objectContaining({ version: 2, results: [BERLIN, LOST] }),
  ]);
});

test('on a terminal each phase and each host is a line that stays, with its mark', async () => {
  await using the = await office(PHASES, { results: [BERLIN, LOST] });
  const { stderr } = await the.terminal('deploy', 'shop');
  const last = stderr.slice(stderr.lastIndexOf('✓ Deployment requested'));
  const lines = last.replaceAll(/ {2}\d.*$/gm, '').split('\n');
  expect(lines.slice(0, 7)).toEqual([
    '✓ Deployment requested',
    '✓ Built',
    '✓ Goes to berlin (worker), paris (worker)',
    '! Ready on 1 of 2 hosts',
    '  ✓ berlin  serving',
    '  ✗ paris  failed: it answered 500',
    '✓ In place on 1 of 2 hosts',
  ]);
  expect(last).toContain('\u001b[?25h'); // the cursor is back
});

test('on a terminal what failed is marked as that, and what did not happen is not shown', async () => {
  const results = [{ supervisor: 'berlin', runtime: 'worker', success: false, error: 'it answered 500' }];
  await using the = await office(['requested', 'placing', 'starting', 'failed'], {
    phase: 'failed',
    results,
  });
  const { stderr } = await the.terminal('deploy', 'shop');
  const last = stderr.slice(stderr.lastIndexOf('✓ Deployment requested'));
  expect(last).toMatch(/✓ Goes to berlin \(worker\)\n✗ Starting failed: it answered 500/);
  expect(last).not.toMatch(/Built|In place|◼/);
});

test('the list shows phase, version, when, how long, where, who and why', async () => {
  const failed = row({ phase: 'failed', version: 3, stage: 'health', reason: 'it answered 500' });
  await using the = await office(
    [],
    {},
    {
      'GET /v1/apps/:id/deployments': (_request, response) => {
        const going = row({ phase: 'building', finished_at: null, results: [] });
        json(response, 200, { deployments: [failed, row({ results: [BERLIN, LOST] }), going] });
      },
    },
  );
  const { code, stdout } = await the.run('deployments', 'shop');
  const lines = stdout.trim().split('\n');
  expect([code, lines[0]]).toEqual([
    0,
    expect.stringMatching(/^PHASE +VERSION +WHEN +TOOK +ON +BY +ID +WHY$/),
  ]);
  expect(lines[1]).toMatch(
    /^failed +3 +2026-\S+ \S+ +2\.5 s +local +user:owner +\S+ +health: it answered 500$/,
  );
  expect(lines[2]).toMatch(/^switched +2 .* berlin, paris \(failed\) .* paris: it answered 500$/);
  expect(lines[3]).toMatch(/^building +2 .* - +- +user:owner/);
  expect((await the.run('deployments', 'shop', '--json')).json()).toMatchObject({
    deployments: [failed, {}, {}],
  });
});

test('show tells how it went on each host; with --follow it ends as the deployment does', async () => {
  await using the = await office(PHASES, { results: [BERLIN, LOST] });
  const { code, stdout } = await the.run('deployments', 'show', ID);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^shop {2}version 2 {2}switched\n/)]);
  expect(stdout).toMatch(/^ {2}berlin +worker +has it$/m);
  expect(stdout).toMatch(/^ {2}paris +worker +failed: it answered 500$/m);
  expect((await the.run('deployments', 'show', ID, '--json')).json()).toMatchObject({ id: ID });
  const followed = await the.run('deployments', 'show', ID, '--follow');
  expect([followed.code, followed.stderr]).toEqual([1, expect.stringContaining('but not on paris')]);
});

test('what stands in for another runtime is told with why, and what each host holds the app to', async () => {
  const limits = { memory: 'enforced', cpu: 'unsupported' };
  const results = [
    { ...BERLIN, wall: { isolation: 'process', limits }, stands_in_for: null },
    {
      ...{ ...PARIS, runtime: 'wasm-http', wall: null },
      stands_in_for: { runtime: 'worker', why: 'bubblewrap is not installed.' },
    },
  ];
  await using the = await office(PHASES, { results });
  const told =
    'on paris it runs as wasm-http in place of worker: bubblewrap is not installed; `tabbify doctor` says what helps\n';
  const shown = await the.run('deployments', 'show', ID);
  expect(shown.stdout).toContain(`  ${told}`);
  expect(shown.stdout).toMatch(
    /^ {2}walls +worker: isolation process; memory enforced; cpu unsupported, on berlin$/m,
  );
  expect(shown.stdout.match(/walls/g)).toHaveLength(1); // paris had not said
  for (const verb of ['deploy', 'rollback']) {
    const { code, stdout } = await the.run(verb, 'shop');
    expect([code, stdout]).toEqual([0, expect.stringContaining(`warning  ${told}`)]);
  }
  expect((await the.run('deploy', 'shop', '--json')).json()).toMatchObject({ results });
});

test('cancel calls a deployment off or says why not', async () => {
  await using the = await office(
    [],
    {},
    {
      [`DELETE /v1/deployments/${ID}`]: (_request, response) =>
        json(response, 200, row({ phase: 'cancelled' })),
      [`DELETE /v1/deployments/${UUID}`]: (_request, response) =>
        problem(response, 409, 'Deployment has ended', 'version 2 is in place', 'Go back'),
    },
  );
  expect(await the.run('deployments', 'cancel', ID)).toMatchObject({
    code: 0,
    stdout: 'Called off the deployment of version 2.\n',
  });
  const ended = await the.run('deployments', 'cancel', UUID);
  expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('version 2 is in place')]);
  expect(await the.run('deployments', 'cancel', 'shop')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('See the ids of an app with `tabbify deployments <app>`.'),
  });
});
