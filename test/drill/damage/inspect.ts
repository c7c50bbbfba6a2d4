import { TabbifyError } from '../../../src/kit/index.ts';
import { openSqliteLog, type StoredEvent } from '../../../src/log/index.ts';
import { expectKept } from '../drill.ts';
import { readAll, type Sample } from './sample.ts';

/** It cannot be opened or read, in so many words. */
interface Refused {
  readonly kind: 'refused';
  readonly why: string;
}

/** What a damaged log still gives. */
export type Inspected =
  | Refused
  | {
      readonly kind: 'read';
      readonly head: number;
      /** Positions that were given, each as it was appended. */
      readonly given: ReadonlySet<number>;
      /** Positions that were named as damaged. */
      readonly named: ReadonlySet<number>;
    };

/**
 * Opens a damaged copy and reads all of it. Whatever happened to it, no event is given with another content, at another
 * position, or twice; what cannot be opened says which file, why and what to do.
 *
 * @throws Broken
 */
export async function inspect(file: string, sample: Sample): Promise<Inspected> {
  const opened = await openSqliteLog({ file }).catch((error: unknown) => refusalOf(error, file));
  if ('kind' in opened) return opened;
  try {
    const found = await readAll(opened, {}).catch((error: unknown) => refusalOf(error));
    if ('kind' in found) return found;
    const given = new Set<number>();
    for (const event of found.events) expectOriginal(event, sample, given);
    return { kind: 'read', head: found.head, given, named: new Set(found.damaged) };
  } finally {
    await opened.close();
  }
}

function expectOriginal(event: StoredEvent, sample: Sample, given: Set<number>): void {
  const original = sample.events[event.position - 1];
  expectKept(original !== undefined, `position ${event.position} was never written`);
  expectKept(!given.has(event.position), `position ${event.position} is given twice`);
  expectKept(
    JSON.stringify(event) === JSON.stringify(original),
    () =>
      `position ${event.position} is given as ${JSON.stringify(event)}, it was ${JSON.stringify(original)}`,
  );
  given.add(event.position);
}

function refusalOf(error: unknown, file?: string): Refused {
  expectKept(error instanceof TabbifyError, () => `an error without words: ${String(error)}`);
  expectKept(error.hint !== undefined, `no hint: ${error.message}`);
  expectKept(file === undefined || error.message.includes(file), `the file is not named: ${error.message}`);
  return { kind: 'refused', why: error.message };
}
