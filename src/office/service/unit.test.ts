import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasServicePrograms } from '../../../test/fixtures/service-manager/index.ts';
import { skipWithout } from '../../../test/requirements.ts';
import { runChild } from '../../kit/index.ts';
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
      const file = join(folder, 'tabbify.service');
      const verify = async (unit: string) => {
        await writeFile(file, unit);
        const args = ['verify', '--man=no', ...(scope === 'user' ? ['--user'] : []), file];
        const env = { PATH: process.env.PATH ?? '', HOME: folder, XDG_RUNTIME_DIR: folder };
        return runChild('systemd-analyze', args, { env, timeoutMs: 20_000 });
      };
      const good = await verify(unitOf(scope).replace('User=worker', 'User=root'));
      expect(
        `${good.code} ${good.stderr
          .split('\n')
          .filter((line) => line.includes(file))
          .join()}`,
      ).toBe('0 ');
      const bad = await verify(unitOf(scope).replace('KillMode=process', 'KillMode=gently'));
      expect(bad.stderr).toContain('gently');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test('what a shell or systemd would read into a command line is taken literally', () => {
  const { Service } = fieldsOf(unitOf('user', ['/bin/node', '$HOME', 'a"b', 'c\\d', '%h']));
  expect(Service?.ExecStart).toBe(String.raw`"/bin/node" "$$HOME" "a\"b" "c\\d" "%%h"`);
});
