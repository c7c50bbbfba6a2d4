import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { runtimeConformance } from '../runtime.conformance.ts';
import { type Faults, faultyRuntime } from './faulty-runtime.ts';
import { runtimeCases } from './runtime-cases.ts';
import type { RuntimeFixture } from './runtime-fixture.ts';
import { BY_ROUTE } from './secret-file-cases.ts';

async function open(faults: Faults = {}): Promise<RuntimeFixture> {
  const { runtime, scratch, [Symbol.asyncDispose]: dispose } = await faultyRuntime(faults);
  return {
    runtime,
    artifactDir: scratch,
    bounds: [{ limit: 'fuel', path: '/loop', names: ['fuel of 200000000'] }],
    exitPath: '/exit/3',
    fileApp: { artifactDir: scratch, ...BY_ROUTE },
    traces: () => readdir(scratch),
    [Symbol.asyncDispose]: dispose,
  };
}

runtimeConformance('a runtime without a fault', () => open());

/** A fault, and the case that must notice it. */
const NOTICED: readonly [fault: Faults, by: string][] = [
  [{ failsAtStart: true }, 'answers requests'],
  [{ hangsAtStart: true }, 'answers requests'],
  [{ leaksAtStart: true }, 'says what is wrong with an artifact'],
  [{ silent: true }, 'answers requests'],
  [{ slowMs: 1_600 }, 'lets other requests through'],
  [{ crashesAfter: 5 }, 'answers requests'],
  [{ hidesExit: true }, 'tells once'],
  [{ tellsStopAsExit: true }, 'lets running requests finish'],
  [{ ignoresStop: true }, 'lets running requests finish'],
  [{ cutsOffAtStop: true }, 'lets running requests finish'],
  [{ servesWhileStopping: true }, 'lets running requests finish'],
  [{ cutsOffAtStop: true }, 'swaps'],
  [{ servesOnlyTheLast: true }, 'swaps'],
  [{ leaksAtPurge: true }, 'leaves nothing behind'],
  [{ failsAtPurge: true }, 'leaves nothing behind'],
  [{ failsAfterMs: 10 }, 'answers requests'],
  [{ throwsAtStats: true }, 'keeps figures'],
  [{ forgetsFuel: true }, 'tells how much fuel'],
  [{ losesFuel: true }, 'tells how much fuel'],
  [{ saysUnwell: true }, 'says how it does'],
  [{ unwellAfter: 2 }, 'says how it does'],
  [{ hangsAtHealth: true }, 'says how it does'],
  [{ throwsAtHealth: true }, 'says how it does'],
  [{ saysWellWhenStopped: true }, 'says how it does'],
  [{ saysWellWhenGone: true }, 'tells once'],
  [{ buffers: true }, 'passes on a body'],
  [{ leaksEnvironment: true }, 'gives the app its own environment'],
  [{ losesLog: true }, 'hands the output'],
  [{ forgetsToCount: true }, 'keeps figures'],
  [{ ignoresLimits: true }, 'holds the limits'],
  [{ losesSecretFiles: true }, 'shows the app its secret files'],
  [{ letsSecretsBeChanged: true }, 'shows the app its secret files'],
  [{ showsOthersSecrets: true }, 'shows an app without secret files'],
  [{ goesAroundChannel: true }, 'lets nothing leave'],
  [{ sharesChannel: true }, 'gives two instances'],
];

describe('the suite', () => {
  test.concurrent.each(NOTICED)('notices %j', async (faults, by) => {
    await using fixture = await open(faults);
    const found = runtimeCases.filter(({ behaviour }) => behaviour.startsWith(by));
    expect(found).toHaveLength(1);
    await expect(found[0]?.check(fixture)).rejects.toThrow();
  });
});
