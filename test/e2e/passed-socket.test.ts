import { cp, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { OFFICE_FLAGS } from '../../bootstrap/node26.mjs';
import { visit } from '../drill/upgrade/visitor.ts';
import { hasServicePrograms } from '../fixtures/service-manager/index.ts';
import { holdSocket } from '../fixtures/service-manager/socket-holder.ts';
import { skipWithout } from '../requirements.ts';
import { get } from './get.ts';
import { isAlive, TestOffice } from './office.ts';
import { ROOT } from './process.ts';

it.skipIf(skipWithout('systemd', hasServicePrograms()))(
  'an office whose socket a service manager holds is restarted under load, and nobody is refused or cut off',
  async () => {
    await using office = await TestOffice.create('up');
    const argv = [process.execPath, ...OFFICE_FLAGS, join(ROOT, 'bin/tabbify.mjs'), 'up'];
    using holder = await holdSocket(argv, { env: office.env, cwd: ROOT });
    office.url = `http://127.0.0.1:${holder.port}`;
    let pid = 0;
    const open = async () => {
      pid = await holder.start();
      await expect.poll(() => recordOf(office), { timeout: 60_000 }).toMatchObject({ pid, closing: false });
    };
    await open();
    try {
      expect(await recordOf(office)).toMatchObject({ node_url: office.url, passed_listener: true });
      const app = await push(office);
      const address = { host: '127.0.0.1', port: holder.port, path: `/app/${app}/`, headers: {} };
      const options = { name: 'a visitor', address: async () => address, restarting: () => false };
      const visitors = Array.from({ length: 4 }, () => visit(options));
      const answered = () => visitors.reduce((sum, visitor) => sum + visitor.answered, 0);
      for (let restart = 0; restart < 2; restart++) {
        const enough = answered() + 40;
        await expect.poll(answered, { timeout: 30_000 }).toBeGreaterThan(enough);
        process.kill(pid, 'SIGTERM');
        expect(await holder.ended(pid), holder.output()).toBe(0);
        await open();
      }
      await Promise.all(visitors.map((visitor) => visitor.stop()));
      expect(visitors.flatMap(({ failures }) => failures)).toEqual([]);

      // Whose app is being started when the office is told to close is answered as well.
      expect((await office.api(`/v1/apps/${app}/stop`, { method: 'POST' })).status).toBeLessThan(300);
      await expect.poll(async () => (await office.runners()).length, { timeout: 20_000 }).toBe(0);
      const woken = get(`${office.url}/app/${app}/`);
      process.kill(pid, 'SIGTERM');
      expect(await holder.ended(pid), holder.output()).toBe(0);
      await open();
      expect((await woken).status).toBe(200);

      // What the office starts does not have the socket, else nobody could listen there after it.
      const [runner] = await office.runners();
      // (A runner's own third descriptor is closed once it has said that it is ready.)
      const [passed, held] = await Promise.all(
        [pid, runner?.pid].map((of) => readlink(`/proc/${of}/fd/3`).catch(() => 'closed')),
      );
      expect(await isAlive(runner!.pid)).toBe(true);
      expect(passed).toMatch(/^socket:/);
      expect(held).not.toBe(passed);

      const { stdout } = await office.tabbify('down');
      expect(stdout).toContain('systemctl --user stop tabbify.socket');
      expect(await holder.ended(pid)).toBe(0);
    } finally {
      if (await isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
  },
);

async function recordOf(office: TestOffice): Promise<object> {
  return JSON.parse(await readFile(join(office.home, 'office.json'), 'utf8').catch(() => '{}'));
}

async function push(office: TestOffice): Promise<string> {
  const folder = join(office.directory, 'tiny');
  await cp(join(ROOT, 'examples/tiny'), folder, { recursive: true });
  const { code, stdout, stderr } = await office.tcli('push', folder, '--json');
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as { uuid: string }).uuid;
}
