import { setTimeout as wait } from 'node:timers/promises';
import { messageOf, TabbifyError } from '../../kit/index.ts';
import type { Box, BoxPlace, BoxReport, BoxSpec } from '../box.ts';
import { findPrograms, type Programs } from '../launch/programs.ts';
import { type Machine, thisMachine } from '../machine.ts';
import { openBox } from '../open-box.ts';
import { machineFacts } from './machine-facts.ts';
import { whyNot } from './why-not.ts';

/** Milliseconds that node may take to start on a machine that is busy with other things. */
const START_MS = 30_000;

/**
 * What this machine can do: starts a box with node in it, looks at it from outside, and ends it. Takes about a tenth of a second.
 *
 * @param programs what it is built with; default: what the machine has
 */
export async function probeBoxes(
  place: BoxPlace,
  programs: Partial<Programs> = findPrograms(),
): Promise<BoxReport> {
  let machine: Machine;
  try {
    machine = thisMachine(programs);
  } catch (error) {
    if (!(error instanceof TabbifyError)) throw error;
    return { possible: false, why: error.why ?? error.what, hint: error.hint ?? '' };
  }
  try {
    const box = await openBox(probeSpec(place));
    try {
      await started(box);
      await box.verify();
      return { possible: true, limits: box.limits, lack: machine.groups.lack };
    } finally {
      await box.kill();
    }
  } catch (error) {
    return { possible: false, ...whyNot(messageOf(error), await machineFacts(programs.bwrap ?? '')) };
  }
}

/** Says one byte when it runs, and goes on until it is ended. */
const PROGRAM = 'process.stdout.write("."); setInterval(() => {}, 60_000)';

function probeSpec(place: BoxPlace): BoxSpec {
  return {
    profile: 'app',
    place,
    label: 'probe',
    argv: ['/bin/node', '--no-addons', '-e', PROGRAM],
    env: {},
    files: [{ from: process.execPath, to: '/bin/node' }],
    bounds: { memoryBytes: 256 << 20, cpus: 1, tasks: 64, tmpBytes: 1 << 20, openFiles: 256 },
    stdio: ['ignore', 'pipe', 'pipe'],
  };
}

/** @throws with what it said instead */
async function started(box: Box): Promise<void> {
  let problems = '';
  box.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    problems = (problems + text).slice(-2000);
  });
  const says = new Promise<true>((resolve) => box.child.stdout?.once('data', () => resolve(true)));
  const late = new AbortController();
  const told = await Promise.race([
    says,
    box.ended.then(() => 'it ended'),
    wait(START_MS, 'it did not start', { signal: late.signal }),
  ]);
  late.abort();
  if (told !== true) throw new Error(problems.trim() || told);
}
