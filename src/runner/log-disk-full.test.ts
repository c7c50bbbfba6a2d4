import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { skipWithout } from '../../test/requirements.ts';
import { runChild } from '../kit/index.ts';

const PROGRAM = join(import.meta.dirname, 'testing/log-on-small-disk.ts');
const canMount =
  process.getuid?.() === 0 && ['unshare', 'mount'].every((name) => existsSync(`/usr/bin/${name}`));
const OWN_MOUNTS = ['/usr/bin/unshare', '--mount', '--propagation', 'private', '--'];

it
  .skipIf(skipWithout('prlimit', existsSync('/usr/bin/prlimit')))
  .each(canMount ? ['tmpfs', 'prlimit'] : ['prlimit'])(
  'on a disk that is full again and again (%s) no line comes twice, and each that is missing is told',
  async (kind) => {
    for (const seed of kind === 'tmpfs' ? [1, 2, 3, 4, 5, 6] : [1, 2]) {
      const directory = await mkdtemp(join(tmpdir(), 'small-disk-'));
      try {
        const [program = '', ...args] = [
          ...(kind === 'tmpfs' ? OWN_MOUNTS : []),
          process.execPath,
          PROGRAM,
          kind,
          directory,
          String(seed),
        ];
        const { code, stdout, stderr } = await runChild(program, args, { env: {}, timeoutMs: 60_000 });
        expect(code, stderr).toBe(0);
        const result = JSON.parse(stdout);
        expect(result.wrong, `seed ${seed}`).toEqual([]);
        expect(result.bytes.length).toBeGreaterThan(4);
        for (const bytes of result.bytes) expect(bytes).toBeLessThan(3 * 8 * 1024);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    }
  },
);
