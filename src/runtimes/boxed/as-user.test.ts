import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startOf } from '../../sandbox/testing/index.ts';
import { withoutBoxes } from '../worker/testing/worker-suite.ts';

const isRoot = process.getuid?.() === 0;

const SUITES = [
  'src/runtimes/worker/worker-runtime.test.ts',
  'src/runtimes/wasm-http/boxed-suite.test.ts',
  'src/runtimes/wasm-http/boxed.test.ts',
  'src/runtimes/boxed/shelf.test.ts',
];

interface Report {
  readonly numPassedTests: number;
  readonly numTotalTests: number;
  readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly unknown[] }[];
}

// Whoever is not root has run the suites as an ordinary user already.
test.runIf(isRoot && !withoutBoxes)(
  'workers and components in boxes of an ordinary user pass their suites too',
  async () => {
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
        ...SUITES,
      ],
      {
        env: {
          PATH: process.env.PATH,
          HOME: temporary,
          TMPDIR: temporary,
          NODE_COMPILE_CACHE: join(temporary, 'compiled'), // that of the checkout is not this user's
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const [out, problems] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const written = await readFile(join(folder, 'report.json'), 'utf8').catch(() => '{}');
    await rm(folder, { recursive: true, force: true });
    const report = JSON.parse(written) as Partial<Report>;
    expect(report, `${out}${problems}${written}`).toMatchObject({
      success: true,
      numPassedTests: report.numTotalTests,
    });
    const counts = report.testResults?.map(({ name, assertionResults }) => [
      name.slice(root.length + 1),
      assertionResults.length,
    ]);
    expect(counts?.map(([name]) => name).toSorted()).toEqual(SUITES.toSorted());
    for (const [, tests] of counts ?? []) expect(tests).toBeGreaterThan(2);
    expect(report.numTotalTests).toBeGreaterThan(45);
  },
  180_000,
);
