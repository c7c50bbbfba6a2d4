import type { TestOffice } from '../../e2e/office.ts';
import type { Random } from '../random.ts';
import { until } from '../until.ts';
import type { SeenEvent } from './follower.ts';
import type { Ledger } from './ledger.ts';
import { hasOpen } from './processes.ts';

/** When the office is to die. */
export type Moment =
  /** With so many acknowledgements more. */
  | { readonly kind: 'acknowledged'; readonly count: number }
  /** When a follower is told of such an event, or with so many acknowledgements more when there is none. */
  | { readonly kind: 'event'; readonly type: string; readonly count: number };

/** What a publication goes through: a death between two of them leaves it half done. */
const STEPS = [
  'version_published',
  'deployment_requested',
  'artifact_built',
  'app_assigned',
  'app_started',
  'assignment_applied',
  'deployment_succeeded',
];

export function drawMoment(random: Random): Moment {
  const count = random.int(1, 250);
  return random.int(1, 3) === 1
    ? { kind: 'event', type: random.pick(STEPS), count: count + 250 }
    : { kind: 'acknowledged', count };
}

/** Files whose opening marks how far a start has come. */
const OPENED = ['log.db.lock', 'log.db', 'log.db-wal'];

/** Which step of the next start is its last, or null for a start that is let be. */
export function drawStillbirth(random: Random): string | null {
  return random.int(1, 4) === 1 ? random.pick(OPENED) : null;
}

/** Kills the node in the very turn of the event loop in which the moment has come. */
export function createDeath(office: TestOffice, ledger: Ledger) {
  let armed: { readonly moment: Moment; readonly head: number; readonly strike: () => void } | null = null;
  return {
    /** To be told of every event by a follower. */
    noteEvent(event: SeenEvent) {
      if (armed?.moment.kind !== 'event' || armed.moment.type !== event.type) return;
      if (event.position > armed.head) armed.strike();
    },
    /**
     * @param head position of the last event before this life of the office
     * @param atOnce called in the same turn as the kill, before anybody can notice it
     */
    at(moment: Moment, head: number, atOnce: () => void): Promise<void> {
      return new Promise((resolve, reject) => {
        const strike = () => {
          if (armed === null) return;
          armed = null;
          atOnce();
          office.killNode().then(resolve, reject);
        };
        armed = { moment, head, strike };
        ledger.at(ledger.count + moment.count, strike);
      });
    },
  };
}

/** Starts the node and kills it as soon as it has opened the file. */
export async function dieWhileStarting(office: TestOffice, file: string): Promise<void> {
  const opening = office.reopenNode().catch(() => {}); // it will not get to say where it is
  const pid = office.processes[0]?.pid ?? 0;
  await until(`the starting office opens ${file}`, () => hasOpen(pid, file));
  await office.killNode();
  await opening;
}
