import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasServicePrograms, startServiceManager } from '../../../test/fixtures/service-manager/index.ts';
import { skipWithout } from '../../../test/requirements.ts';
import { silentLogger } from '../../kit/index.ts';
import { serviceNotifier } from './notify.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabbify-notify-'));
});
afterEach(() => rm(folder, { recursive: true }));

const skip = skipWithout('systemd', hasServicePrograms());

/** What systemd gives to a service. */
const envOf = (socket: string, usec: number, pid: number) => ({
  PATH: process.env.PATH,
  NOTIFY_SOCKET: socket,
  WATCHDOG_USEC: String(usec),
  WATCHDOG_PID: String(pid),
});

test.skipIf(skip)('the manager is told that the office serves, lives and closes', async () => {
  const socket = join(folder, 'notify');
  using manager = await startServiceManager(socket);
  const notifier = serviceNotifier(envOf(socket, 200_000, process.pid), silentLogger());
  notifier.ready('open at http://127.0.0.1:8090');
  await manager.told(/READY=1 STATUS=open at http:\/\/127\.0\.0\.1:8090/);
  await manager.told(/WATCHDOG=1[\s\S]+WATCHDOG=1/);
  notifier.stopping();
  await manager.told(/STOPPING=1/);
  notifier.close();
});

test.skipIf(skip)('the watchdog of another process is left to it', async () => {
  const socket = join(folder, 'notify');
  using manager = await startServiceManager(socket);
  const notifier = serviceNotifier(envOf(socket, 1000, 1), silentLogger());
  notifier.ready('open');
  await manager.told(/READY=1/);
  notifier.stopping();
  expect(await manager.told(/STOPPING=1/)).not.toContain('WATCHDOG');
  notifier.close();
});

test('without a manager no program is started', () => {
  const processes = () =>
    process.getActiveResourcesInfo().filter((name) => name.startsWith('Process')).length;
  const before = processes();
  const notifier = serviceNotifier({ WATCHDOG_USEC: '1000' }, silentLogger());
  notifier.ready('open');
  notifier.stopping();
  notifier.close();
  expect(processes()).toBe(before);
});
