import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hasServicePrograms, startServiceManager } from '../fixtures/service-manager/index.ts';
import { skipWithout } from '../requirements.ts';
import { TestOffice } from './office.ts';
import { start } from './process.ts';

it.skipIf(skipWithout('systemd', hasServicePrograms()))(
  'an office that runs as a service says that it serves when it does, lives, and closes',
  async () => {
    await using office = await TestOffice.create('up');
    const socket = join(office.directory, 'notify');
    using manager = await startServiceManager(socket);
    const env = { ...office.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1000000' };
    office.processes.push(start('bin/tabbify.mjs', ['up'], env));
    const [, url] = /READY=1 STATUS=\D+(http:\S+)/.exec(await manager.told(/READY=1.*\n/)) ?? [];
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const status = await office.tabbify('status', '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({ open: true, node_url: url });
    await manager.told(/WATCHDOG=1/);
    expect((await office.tabbify('down')).code).toBe(0);
    await manager.told(/STOPPING=1/);
  },
);
