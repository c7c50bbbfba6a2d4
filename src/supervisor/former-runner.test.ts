import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { reachOf } from '../kit/index.ts';
import { sendControl } from '../runner/index.ts';
import type { RunnerRecord } from './runner-record.ts';
import { newApp, openTestHost, primaryRecord, runnerPids, type TestHost } from './test-support/host.ts';
import { type BuiltArtifact, buildTiny } from './test-support/tiny-artifact.ts';
import { until } from './test-support/until.ts';

/** Runners of control protocol 1 told host and port, in their records and in their replies, and not how their app does. */
let tiny: BuiltArtifact;
beforeAll(async () => {
  tiny = await buildTiny();
});
afterAll(() => tiny.remove());

let host: TestHost;
let app: string;
let former: Server;
beforeEach(async () => {
  host = await openTestHost(tiny.folder);
  app = newApp();
  host.node.assign(host.assignment(app, 1));
});
afterEach(async () => {
  former.close();
  await host.close();
});

/** Leaves a runner of the app behind that looks as one of protocol 1 would; gives back what it was. */
async function leaveFormerRunner(recorded: 'with its place' | 'before it served'): Promise<RunnerRecord> {
  const supervisor = await host.start();
  await host.wake(supervisor, app);
  await supervisor.close();
  const left = primaryRecord(host.home, app)!;
  const { hostname, port } = new URL(reachOf(left.endpoint!).origin);
  const bound = { host: hostname, port: Number(port) };
  const socket = `${left.socket}.1`;
  former = createServer((connection) => {
    connection.setEncoding('utf8').once('data', async (line: string) => {
      const said = (await sendControl(left.socket, JSON.parse(line), 5_000)) as unknown as object;
      const { endpoint, ok, reason, ...reply } = said as Partial<
        Record<'endpoint' | 'ok' | 'reason', unknown>
      >;
      const place = endpoint === undefined ? {} : { bound: endpoint === null ? null : bound };
      connection.end(`${JSON.stringify({ ...reply, ...place, ...('nonce' in reply && { protocol: 1 }) })}\n`);
    });
  });
  await new Promise<void>((resolve) => former.listen(socket, resolve));
  const { endpoint: _, ...rest } = left;
  const record = { ...rest, socket, protocol: 1, bound: recorded === 'with its place' ? bound : null };
  writeFileSync(join(host.home, 'runners', `${app}.json`), JSON.stringify(record), { mode: 0o600 });
  return left;
}

it.each(['with its place', 'before it served'] as const)(
  'one of protocol 1, recorded %s, is adopted, serves on and is told to stop',
  async (recorded) => {
    const left = await leaveFormerRunner(recorded);
    const rounds = new Set<() => Promise<void>>();
    const supervisor = await host.start({
      ticker: (round) => {
        rounds.add(round);
        return () => rounds.delete(round);
      },
    });
    for (let looks = 0; looks < 4; looks++) for (const look of rounds) await look(); // it is not taken for unwell
    const reply = await host.wake(supervisor, app);
    expect(reply).toMatchObject({ endpoint: left.endpoint, runner_key: left.runner_key });
    expect((await host.visit(reply)).status).toBe(200);
    expect(runnerPids(host.home)).toEqual([left.pid]);
    expect((await host.call(supervisor, 'POST', `/v1/apps/${app}/stop`)).status).toBe(204);
    await until('its end', () => runnerPids(host.home).length === 0);
    expect(readFileSync(left.log_file, 'utf8')).toContain('stopping: asked to'); // over its socket, not by a signal
  },
);
