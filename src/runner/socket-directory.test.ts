import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSocketDirectory, socketPath } from './socket-directory.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sockets-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('lies in the runtime directory of the user, closed to others', () => {
  const directory = openSocketDirectory({ XDG_RUNTIME_DIR: root });
  expect(directory).toBe(join(root, 'tabbify'));
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

it('closes a directory of ours that is open to others', () => {
  mkdirSync(join(root, 'tabbify'));
  chmodSync(join(root, 'tabbify'), 0o777);
  const directory = openSocketDirectory({ XDG_RUNTIME_DIR: root });
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

it('does not follow a link somebody laid there', () => {
  const elsewhere = join(root, 'elsewhere');
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, join(root, 'tabbify'));
  expect(openSocketDirectory({ XDG_RUNTIME_DIR: root })).toMatch(/^\/tmp\/tabbify-\d+$/);
});

it('falls back to a short path when the runtime directory is too long for a socket', () => {
  const long = join(root, 'x'.repeat(100));
  mkdirSync(long);
  const path = socketPath(
    openSocketDirectory({ XDG_RUNTIME_DIR: long }),
    '0191e7c2-1111-7222-8333-444455556666',
  );
  expect(Buffer.byteLength(path)).toBeLessThanOrEqual(107);
});
