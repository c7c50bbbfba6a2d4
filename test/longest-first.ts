import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take long, the longest first. By itself vitest takes the largest first where it does not know better, and a short file that runs
 * for half a minute may come last, with nothing beside it.
 */
const LONG: readonly string[] = [
  'src/builder/build.test.ts',
  'test/attacks/office-of-root.test.ts',
  'test/api/isolation.test.ts',
  'src/runtimes/boxed/as-user.test.ts',
  'src/supervisor/runtime-faults.test.ts',
  'src/runtimes/same-source.test.ts',
  'test/attacks/office-of-user.test.ts',
  'src/node/state.test.ts',
  'test/attacks/builds.test.ts',
  'src/log/remote/open.test.ts',
  'src/node/deploys/resume-kinds.test.ts',
  'src/dev/build/loaded-app.test.ts',
  'src/supervisor/life-cycle.test.ts',
  'src/supervisor/warm/warm-start.test.ts',
  'src/supervisor/death.test.ts',
  'src/builder/boxed/installed-packages.test.ts',
  'src/sandbox/death/killed-starts.test.ts',
  'src/supervisor/adopt.test.ts',
  'src/data/process/data-process.test.ts',
  'test/e2e/worker.test.ts',
  'test/e2e/dev.test.ts',
  'test/e2e/app-calls.test.ts',
  'test/e2e/several-hosts.test.ts',
];

/** The order of files: who takes long begins. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((left, right) => rankOf(left) - rankOf(right));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const at = LONG.findIndex((name) => moduleId.endsWith(`/${name}`));
  return at === -1 ? LONG.length : at;
}
