import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startOf } from '../../sandbox/testing/index.ts';
import { withoutBoxes } from '../worker/testing/worker-suite.ts';

const isRoot = process.getuid?.() === 0;

// Whoever is not root has run the suite as an ordinary user already.
test.runIf(isRoot && !withoutBoxes).each([
  ['workers', ['src/runtimes/worker/worker-runtime.test.ts']],
  [
    'components',
    [
      'src/runtimes/wasm-http/boxed-suite.test.ts',
      'src/runtimes/wasm-http/boxed.test.ts',
      'src/runtimes/boxed/shelf.test.ts',
    ],
  ],
] as const)(
  '%s in boxes of an ordinary user pass their suite too',
  async (_, files) => {
    const folder = await mkdtemp(join(tmpdir(), 'worker-user-'));
    const { command, folder: temporary } = startOf('node_modules/vitest/vitest.mjs', folder, false);
    const [program, ...args] = command;
    const root = args.at(-1)?.replace('/node_modules/vitest/vitest.mjs', '') ?? '';
    const child = spawn(
      program,
      [
        ...args,
        'run',
        ...['--root', root, '--configLoader', 'native', '--project', 'unit'],
        ...['--reporter', 'json', '--outputFile', join(temporary, 'report.json')],
        ...files,
      ],
      {
        env: { PATH: process.env.PATH, HOME: temporary, TMPDIR: temporary },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const [out, problems] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const written = await readFile(join(folder, 'report.json'), 'utf8').catch(() => '{}');
    await rm(folder, { recursive: true, force: true });
    const report = JSON.parse(written) as {
      numPassedTests?: number;
      numTotalTests?: number;
      success?: boolean;
    };
    expect(report, `${out}${problems}${written}`).toMatchObject({
      success: true,
      numPassedTests: report.numTotalTests,
    });
    expect(report.numTotalTests).toBeGreaterThan(15);
  },
  180_000,
);
