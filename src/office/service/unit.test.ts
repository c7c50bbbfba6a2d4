import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasServicePrograms } from '../../../test/fixtures/service-manager/index.ts';
import { skipWithout } from '../../../test/requirements.ts';
import { runChild } from '../../kit/index.ts';
import { systemdSocket } from './socket-unit.ts';
import { systemdUnit, type UnitScope } from './unit.ts';

const HOME = '/srv/my office/50%';

function unitOf(
  scope: UnitScope,
  command = [process.execPath, '--flag=1', '/srv/a b/tabbify.mjs', 'up', '--home', HOME],
) {
  return systemdUnit({ scope, home: HOME, user: 'worker', command });
}

/** The fields of each section. */
function fieldsOf(unit: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {};
  let section: Record<string, string> = {};
  for (const line of unit.split('\n')) {
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) sections[name] = section = {};
    if (key !== undefined) section[key] = value ?? '';
  }
  return sections;
}

describe.each<UnitScope>(['system', 'user'])('the %s unit', (scope) => {
  test('ends the office alone, is told when it serves, and starts it again when it fails', () => {
    const { Service } = fieldsOf(unitOf(scope));
    expect(Service).toMatchObject({
      Type: 'notify',
      NotifyAccess: 'all',
      KillMode: 'process',
      Restart: 'on-failure',
      OOMPolicy: 'continue',
      Delegate: 'yes',
      DelegateSubgroup: 'office',
      WatchdogSec: expect.stringMatching(/^\d+$/),
      EnvironmentFile: '-/srv/my office/50%%/office.env',
    });
    expect(Service?.ExecStart).toContain('"/srv/a b/tabbify.mjs" "up" "--home" "/srv/my office/50%%"');
    expect(Service?.User).toBe(scope === 'system' ? 'worker' : undefined);
  });

  test('belongs to what starts the machine, or the session', () => {
    const { Install } = fieldsOf(unitOf(scope));
    expect(Install).toEqual({ WantedBy: scope === 'system' ? 'multi-user.target' : 'default.target' });
  });

  test.skipIf(skipWithout('systemd', hasServicePrograms()))('is understood by systemd', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tabbify-unit-'));
    try {
      const [file, socket] = [join(folder, 'tabbify.service'), join(folder, 'tabbify.socket')];
      const address = systemdSocket(scope, { host: '127.0.0.1', port: 8090 });
      const verify = async (unit: string, listener = address) => {
        await writeFile(file, unit);
        await writeFile(socket, listener);
        const args = ['verify', '--man=no', ...(scope === 'user' ? ['--user'] : []), socket, file];
        const env = { PATH: process.env.PATH ?? '', HOME: folder, XDG_RUNTIME_DIR: folder };
        return runChild('systemd-analyze', args, { env, timeoutMs: 20_000 });
      };
      const good = await verify(unitOf(scope).replace('User=worker', 'User=root'));
      const said = good.stderr.split('\n').filter((line) => line.includes(folder));
      const { stdout } = await runChild('systemctl', ['--version'], {
        env: { PATH: process.env.PATH ?? '' },
        timeoutMs: 20_000,
      });
      const isOld = Number(/^systemd (\d+)/.exec(stdout)?.[1]) < 254;
      const unknown = expect.stringContaining(
        "Unknown key 'DelegateSubgroup' in section [Service], ignoring",
      );
      expect([good.code, ...said]).toEqual(isOld ? [0, unknown] : [0]);
      const bad = await verify(unitOf(scope).replace('KillMode=process', 'KillMode=gently'));
      expect(bad.stderr).toContain('gently');
      const nowhere = address.replace('127.0.0.1', 'somewhere');
      expect((await verify(unitOf(scope), nowhere)).stderr).toContain('somewhere');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the socket unit', () => {
  test('names the address and what the socket is for', () => {
    const { Socket, Install } = fieldsOf(systemdSocket('user', { host: '::1', port: 9000 }));
    expect(Socket).toEqual({ ListenStream: '[::1]:9000', FileDescriptorName: 'node' });
    expect(Install).toEqual({ WantedBy: 'sockets.target' });
  });

  test.each([
    [{ host: 'localhost', port: 8090 }, '127.0.0.1:8090'],
    [{ host: '0.0.0.0', port: 0 }, '0.0.0.0:8090'],
  ])('is not made for an address that systemd cannot take: %o', (bind, instead) => {
    expect(() => systemdSocket('user', bind)).toThrow(
      expect.objectContaining({ code: 'config_invalid', hint: `Say --node-bind ${instead}` }),
    );
  });
});

test('what a shell or systemd would read into a command line is taken literally', () => {
  const { Service } = fieldsOf(unitOf('user', ['/bin/node', '$HOME', 'a"b', 'c\\d', '%h']));
  expect(Service?.ExecStart).toBe(String.raw`"/bin/node" "$$HOME" "a\"b" "c\\d" "%%h"`);
});
