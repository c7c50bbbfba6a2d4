import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSecretStore, type SecretStore } from './index.ts';

const PROGRAM = join(import.meta.dirname, 'testing/held-store.ts');
const request = { tenant: 'default', name: 'key', actor: 'user:owner', requestId: null };

let folder = '';
let home = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabbify-kill-'));
  home = join(folder, 'home');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (at: string) => openSecretStore({ home: at });

async function withStore<Result>(at: string, work: (store: SecretStore) => Promise<Result>): Promise<Result> {
  const store = await open(at);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const valueIn = (at: string) =>
  withStore(at, async (store) => {
    expect((await store.audit.verify()).broken).toBeNull();
    const left = await readdir(join(at, 'secrets/default')).catch(() => []);
    expect(left.length).toBeLessThanOrEqual(1); // nothing half-done, and nothing old, lies about
    const found = await store.reveal('default', ['key'], 'supervisor:local', 'test');
    return found.get('key')?.value.toString() ?? null;
  });

const WORK: Readonly<Record<string, (store: SecretStore) => Promise<unknown>>> = {
  register: (store) => store.register(request, 'api-key', Buffer.from('value one')),
  rotate: (store) => store.rotate(request, Buffer.from('value two')),
  remove: (store) => store.remove(request),
  rotateMasterKey: (store) => store.rotateMasterKey('user:owner'),
};

/** What lies on disk between two steps is what a process leaves that is killed there. */
test.each([
  ['register', null, 'value one', 5],
  ['rotate', 'value zero', 'value two', 4],
  ['remove', 'value zero', null, 4],
  ['rotateMasterKey', 'value zero', 'value zero', 6],
] as const)(
  'cut short at any step, %s is done or not, and can be asked for again',
  async (what, before, after, atLeast) => {
    if (before !== null)
      await withStore(home, (store) => store.register(request, 'token', Buffer.from(before)));
    const left: string[] = [];
    const store = await openSecretStore({
      home,
      async atStep(step) {
        const copy = join(folder, `${left.length}-${step.replaceAll(' ', '-')}`);
        await cp(home, copy, { recursive: true });
        left.push(copy);
      },
    });
    await WORK[what]?.(store);
    await store.close();
    expect(left.length).toBeGreaterThanOrEqual(atLeast);
    for (const copy of left) {
      const value = await valueIn(copy);
      expect([before, after]).toContain(value);
      const isToDo = what === 'rotateMasterKey' || value !== after;
      if (isToDo) await withStore(copy, (again) => WORK[what]?.(again) ?? Promise.resolve());
      expect(await valueIn(copy)).toBe(after);
    }
    expect(await valueIn(home)).toBe(after);
  },
);

test('a second one is refused, naming the process that has it open, and goes on where that was killed', async () => {
  await withStore(home, (store) => store.register(request, 'token', Buffer.from('value')));
  const before = await readFile(join(home, 'master.key'), 'utf8');
  const child = spawn(process.execPath, [PROGRAM, home], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    await expect(open(home)).rejects.toMatchObject({
      code: 'secrets_in_use',
      why: expect.stringContaining(`process ${child.pid}`),
    });
    child.stdin.write('go\n');
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
    expect(await readFile(join(home, 'master.key'), 'utf8')).toBe(before);
    expect(await valueIn(home)).toBe('value');
    expect(await readFile(join(home, 'master.key'), 'utf8')).not.toBe(before); // the change was ended
    await withStore(home, async () => {
      await expect(open(home)).rejects.toMatchObject({ code: 'secrets_in_use' });
    });
  } finally {
    child.kill('SIGKILL');
  }
});
