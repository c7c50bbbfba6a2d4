import { messageOf } from '../../../../kit/index.ts';
import type { Guest } from '../../guest.ts';
import { GuestTrap } from '../../guest-trap.ts';
import { WasiFailure } from '../failure.ts';
import { Watchers } from '../io/waitable.ts';
import { FilesError } from './app-files.ts';

/** Of what calls for files come from. */
export interface FilesHost {
  readonly guest: Guest;
  /** Told when the app has no room left for what it would write. */
  readonly onFull: () => void;
}

type Outcome<Value> = { readonly value: Value } | { readonly error: unknown };

/**
 * Suspends the guest until an answer is there. Whatever goes wrong becomes what the guest is told, or its end: of an error that a suspending import
 * throws otherwise, nobody would hear.
 *
 * @param work what is asked; looks at the guest's arguments as well
 */
export async function suspended<Value>(host: FilesHost, work: () => Promise<Value>): Promise<Value> {
  try {
    const outcome = await answered(host.guest, work());
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  } catch (error) {
    throw failureFor(host, error);
  }
}

/** What the guest is told of a call that failed. */
function failureFor({ guest, onFull }: FilesHost, error: unknown): unknown {
  if (error instanceof GuestTrap || error instanceof WasiFailure) return error;
  if (!(error instanceof FilesError)) return guest.trap('misuse', messageOf(error));
  if (error.code === 'quota') onFull();
  return new WasiFailure(error.code);
}

async function answered<Value>(guest: Guest, work: Promise<Value>): Promise<Outcome<Value>> {
  const watchers = new Watchers();
  const outcomes: Outcome<Value>[] = [];
  const settle = (outcome: Outcome<Value>): void => {
    outcomes.push(outcome);
    watchers.wakeAll();
  };
  work.then(
    (value) => settle({ value }),
    (error: unknown) => settle({ error }),
  );
  await guest.untilReady([
    {
      ready: () => outcomes.length > 0,
      watch: (wake) => watchers.add(wake),
      unwatch: (wake) => watchers.delete(wake),
    },
  ]);
  const [outcome] = outcomes;
  return outcome ?? { error: new FilesError('io') };
}
