import {
  appendFile,
  type FileHandle,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../kit/index.ts';
import { type AuditEntry, openAudit, verifyAudit } from './audit.ts';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabbify-audit-'));
  file = join(folder, 'audit.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const entry = (name: string, tenant = 'default'): AuditEntry => ({
  ...{
    action: 'revealed',
    tenant,
    name,
    version: 1,
    actor: 'supervisor:local',
    purpose: 'start of app shop',
  },
});

async function write(...names: string[]): Promise<void> {
  const audit = await openAudit(file, systemClock);
  for (const name of names) await audit.append([entry(name)]);
  await audit.close();
}

test('it goes on where it was, and shows an office its own', async () => {
  await write('a', 'b');
  const audit = await openAudit(file, systemClock);
  await audit.append([entry('c'), entry('theirs', 'acme'), entry('d')]);
  expect((await audit.read('default', 3)).map(({ line, name }) => `${line} ${name}`)).toEqual([
    '2 b',
    '3 c',
    '5 d',
  ]);
  expect(await audit.verify()).toEqual({ lines: 5, broken: null });
  await audit.close();
});

test('whatever byte is changed, the first line that is not what was written is named', async () => {
  await write('a', 'b', 'c', 'd');
  const whole = await readFile(file);
  const lineAt = (at: number) => whole.subarray(0, at).filter((byte) => byte === 10).length + 1;
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 2), fc.nat(6), async (at, bit) => {
      const flipped = Buffer.from(whole);
      flipped[at] = flipped[at]! ^ (1 << bit);
      await writeFile(file, flipped);
      expect((await verifyAudit(file)).broken?.line).toBe(lineAt(at));
    }),
  );
});

test('a line that is taken out, put elsewhere or made up is found; so is one that follows on a damaged end', async () => {
  await write('a', 'b', 'c');
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const brokenAt = async (...order: (string | undefined)[]) => {
    await writeFile(file, `${order.join('\n')}\n`);
    return (await verifyAudit(file)).broken?.line ?? null;
  };
  const [a, b, c] = lines;
  expect(await brokenAt(a, c)).toBe(2);
  expect(await brokenAt(b, c)).toBe(1);
  expect(await brokenAt(a, c, b)).toBe(2);
  expect(await brokenAt(a, b, b, c)).toBe(3);
  expect(await brokenAt(a, b, '{}')).toBe(3);
  await write('after'); // it goes on all the same
  expect(await verifyAudit(file)).toMatchObject({ lines: 2, broken: { line: 3 } });
  expect(await brokenAt(a, b, c)).toBeNull();
});

test('a line that was never finished is cut off, and that is said', async () => {
  await write('a', 'b');
  const { length } = await readFile(file);
  await write('c');
  await truncate(file, length + 20);
  await write('d');
  const audit = await openAudit(file, systemClock);
  expect(await audit.verify()).toEqual({ lines: 4, broken: null });
  expect((await audit.read('', 9)).map(({ action, purpose }) => `${action}: ${purpose}`)).toEqual([
    'audit_tail_cut: 20 bytes of a line that was never finished',
  ]);
  await audit.close();
  await appendFile(file, 'x');
  await write();
  expect((await verifyAudit(file)).broken).toBeNull();
});

test('where nothing can be written it is refused', async () => {
  await expect(openAudit('/dev/null/audit', systemClock)).rejects.toMatchObject({ code: 'audit_unwritable' });
  const audit = await openAudit('/dev/full', systemClock);
  await expect(audit.append([entry('a')])).rejects.toMatchObject({ code: 'audit_unwritable', status: 503 });
  await audit.close();
});

test('while another file is in its place, or none, nothing is written; put back it goes on as if nothing had been', async () => {
  const audit = await openAudit(file, systemClock);
  await audit.append([entry('a')]);
  await rename(file, `${file}.moved`);
  const refused = { code: 'audit_unwritable', hint: expect.stringContaining('Put it back') };
  await expect(audit.append([entry('b')])).rejects.toMatchObject(refused);
  await writeFile(file, '');
  await expect(audit.append([entry('b')])).rejects.toMatchObject(refused);
  await rename(`${file}.moved`, file);
  await audit.append([entry('c')]);
  expect((await audit.read('default', 9)).map(({ line, name }) => `${line} ${name}`)).toEqual(['1 a', '2 c']);
  expect(await audit.verify()).toEqual({ lines: 2, broken: null });
  await audit.close();
});

test('what a disk took in half and would not take back is not in the way of the next line', async () => {
  const audit = await openAudit(file, systemClock);
  await audit.append([entry('a')]);
  const handle = await open(file);
  const ofFiles = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const bad = () => Promise.reject(new Error('EIO: i/o error'));
  const faults = [vi.spyOn(ofFiles, 'datasync'), vi.spyOn(ofFiles, 'truncate')];
  for (const fault of faults) fault.mockImplementation(bad);
  for (let tried = 0; tried < 2; tried++)
    await expect(audit.append([entry('b')])).rejects.toMatchObject({ code: 'audit_unwritable' });
  for (const fault of faults) fault.mockRestore();
  await audit.append([entry('c')]);
  expect(await audit.verify()).toEqual({ lines: 2, broken: null });
  await audit.close();
});
