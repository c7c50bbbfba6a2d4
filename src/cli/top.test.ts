import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { run } from './tabbify.ts';
import { collector, runCli } from './testing/run-cli.ts';
import { json, stubNode } from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const figures = (slug: string, cpu: number, requests: number) => ({
  uuid: `0191e7c2-0000-7000-8000-00000000000${cpu}`,
  name: slug,
  slug,
  state: cpu > 0 ? 'running' : 'idle',
  requests_per_sec: requests,
  errors_per_sec: requests > 5 ? 0.25 : 0,
  fuel_per_sec: requests > 5 ? 12_400_000 : cpu > 0 ? 950 : 0,
  p50_ms: requests > 0 ? 4.2 : null,
  p99_ms: requests > 0 ? 1500 : null,
  cpu_percent: cpu,
  memory_bytes: cpu > 0 ? 50 * 1024 * 1024 : null,
  restarts: 2,
});
const apps = [figures('calm', 0, 0), figures('busy', 9, 3), figures('asked', 1, 12)];
const routes = {
  'GET /v1/metrics': (_: unknown, response: Parameters<typeof json>[0]) => json(response, 200, { apps }),
};
const ESC = '\u001b';

test('top prints the table once where there is no terminal: the busiest first', async () => {
  await using folder = await temporaryFolder();
  await using node = await stubNode(routes);
  const options = { cwd: folder.path, env: node.env };
  const { code, stdout } = await runCli('tabbify', ['top'], options);
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'APP    STATE    REQ/S     P50    P99  ERR/S  MEMORY    CPU  FUEL/S  RESTARTS',
    'busy   running    3.0  4.2 ms  1.5 s      0   50 MB  9.0 %     950         2',
    'asked  running     12  4.2 ms  1.5 s    0.3   50 MB  1.0 %    12 M         2',
    'calm   idle         0       -      -      0       -      -       -         2',
    '',
  ]);
  const sorted = await runCli('tabbify', ['top', '--sort', 'requests', '--json'], options);
  expect((sorted.json().apps as { slug: string }[]).map((app) => app.slug)).toEqual([
    'asked',
    'busy',
    'calm',
  ]);
  expect((await runCli('tabbify', ['top', '--sort', 'name'], options)).code).toBe(2);
  const once = await runCli('tabbify', ['top', '--once'], { ...options, terminal: true });
  expect(once.stdout).toContain('busy');
  expect(once.stdout).not.toContain(`${ESC}[?1049h`);
});

test.each(['q', '\u0003'])(
  'top on a terminal draws until %j is pressed, and leaves it as it was',
  async (key) => {
    await using folder = await temporaryFolder();
    await using node = await stubNode(routes);
    const raw: boolean[] = [];
    const stdin = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (on: boolean) => void raw.push(on),
    });
    const out = collector(true, (text) => text.includes('calm') && stdin.write(key));
    const env = { TABBIFY_HOME: `${folder.path}/home`, ...node.env };
    const code = await run(['top'], {
      stdin,
      stdout: out.stream,
      stderr: collector(true).stream,
      env,
      cwd: folder.path,
    });
    expect(code).toBe(0);
    expect(raw).toEqual([true, false]);
    expect(out.text().startsWith(`${ESC}[?1049h`)).toBe(true);
    expect(out.text().endsWith(`${ESC}[?1049l`)).toBe(true);
  },
);
