// `npm test`: sets up what the tests need, checks everything, ends with the line `N passed, N failed`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, constants, tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { ensureDebianPackages } from './debian.mjs';
import { ensureInstalled } from './install.mjs';
import { ROOT } from './node26.mjs';

const withEndToEnd = !process.argv.includes('--no-e2e');
const node = await ensureInstalled();
await ensureDebianPackages({ 'clang-14': 'clang-14', 'wasm-ld-14': 'lld-14', bwrap: 'bubblewrap' });
// by itself: where there is no such package, the others are installed all the same
if (withEndToEnd) await ensureDebianPackages({ 'chromium-headless-shell': 'chromium-headless-shell' });

const bin = join(ROOT, 'node_modules', '.bin');
const scratch = mkdtempSync(join(tmpdir(), 'tabbify-test-'));
/** What takes long to make is made once for all suites (`test/lender.ts`). */
const lender = mkdtempSync(join(tmpdir(), 'tabbify-lender-'));
const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
  NODE: node,
  TABBIFY_TEST_LENDER: lender,
};
const total = { passed: 0, failed: 0, skipped: 0 };
/** What failed, a line each: said once more at the end, where a cut log still has it. */
const failures = [];

/** Tools at work: a signal ends them as well, and they what they began. */
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    rmSync(scratch, { recursive: true, force: true });
    process.exit(128 + constants.signals[signal]);
  });
}

/** Runs one tool; its output is shown only when it fails. */
async function check(name, tool, args) {
  const started = Date.now();
  const { code, output } = await run(tool, args, 'pipe');
  total[code === 0 ? 'passed' : 'failed'] += 1;
  process.stdout.write(
    `${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`,
  );
  if (code === 0) return;
  failures.push(name);
  process.stdout.write(`${output}\n`);
}

/**
 * Runs one vitest project and adds up its tests.
 *
 * @param workers files that run side by side; vitest would leave one core idle
 */
async function suite(project, workers = 1) {
  const report = join(scratch, `${project}.json`);
  const args = [
    'run',
    '--project',
    project,
    `--maxWorkers=${workers}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const { code } = await run('vitest', args, 'inherit');
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    total.passed += result.numPassedTests;
    total.skipped += result.numPendingTests;
    const failed = result.testResults.flatMap(failedOf);
    if (code !== 0 && failed.length === 0) failed.push('an error outside any test');
    total.failed += failed.length;
    failures.push(...failed.map((what) => `${project}: ${what}`));
  } catch {
    total.failed += 1;
    failures.push(`${project}: vitest ended with ${code} and left no report`);
  }
}

/** The failed tests of one file, each with the first line of why; the file alone where it could not be loaded. */
function failedOf({ name, status, message, assertionResults }) {
  const file = relative(ROOT, name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (status === 'failed' && failed.length === 0) return [`${file}: ${firstLine(message)}`];
  return failed.map((test) => `${file} > ${test.fullName}: ${firstLine(test.failureMessages[0])}`);
}

function firstLine(text = '') {
  return text.split('\n', 1)[0];
}

function run(tool, args, output) {
  const child = spawn(node, [join(ROOT, 'node_modules', '.bin', tool), ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', output, output],
  });
  running.add(child);
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code: code ?? 1, output: text });
    });
  });
}

await Promise.all([
  check('types', 'tsc', ['--noEmit']),
  check('lint and format', 'biome', ['check', '--error-on-warnings', '.']).then(() =>
    check('layers', 'depcruise', ['src', 'test', 'bench', '--config', '.dependency-cruiser.mjs']),
  ),
]);
await check('unused code and dependencies', 'knip', ['--no-progress']);
await suite('unit', availableParallelism());
if (withEndToEnd) await suite('e2e', availableParallelism()); // they wait for offices and packages most of the time
if (withEndToEnd) await suite('drill');
for (const folder of [scratch, lender]) rmSync(folder, { recursive: true, force: true });

for (const failure of failures) process.stdout.write(`\nFAIL ${failure}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
