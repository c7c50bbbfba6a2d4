import type { EventDraft, StoredEvent } from '../envelope.ts';
import type { KeptLog, LogStore, ReadQuery } from '../log-store.ts';
import { until } from '../testing/until.ts';

/** One log on a medium of its own, which outlives the stores that open it. */
export interface LogUnderTest {
  /** Opens the log; what was appended through an earlier store is there again. */
  open(): Promise<LogStore>;
  /** Removes the medium; every store was closed before. */
  dispose(): Promise<void>;
}

export type MakeLog = () => Promise<LogUnderTest>;

/** The same for a log that is kept on this machine's disk. */
export interface KeptLogUnderTest extends LogUnderTest {
  open(): Promise<KeptLog>;
  /** Sets the clock of the log, ms since the epoch. */
  setClock(now: number): void;
  /** Everything that stands on the medium, to be searched for what should be gone. */
  contents(): Promise<Buffer>;
}

export type MakeKeptLog = () => Promise<KeptLogUnderTest>;

/** What a medium opens. */
export type LogOf<Medium extends LogUnderTest> = Awaited<ReturnType<Medium['open']>>;

/** Runs a test with a fresh log and leaves nothing behind. */
export async function withLog<Medium extends LogUnderTest>(
  make: () => Promise<Medium>,
  test: (log: LogOf<Medium>, reopen: () => Promise<LogOf<Medium>>, medium: Medium) => Promise<void>,
): Promise<void> {
  const medium = await make();
  const open = () => medium.open() as Promise<LogOf<Medium>>;
  let log = await open();
  const reopen = async (): Promise<LogOf<Medium>> => {
    await log.close();
    log = await open();
    return log;
  };
  try {
    await test(log, reopen, medium);
  } finally {
    await log.close();
    await medium.dispose();
  }
}

/** A valid draft; every call has an id of its own. */
export function draft(change: Partial<EventDraft> = {}): EventDraft {
  const type = change.type ?? 'thing_happened';
  return {
    id: crypto.randomUUID(),
    source: '/test',
    type,
    subject: 'thing/1',
    time: '2026-01-02T03:04:05.678Z',
    dataschema: `tabbify:${type}/1`,
    data: {},
    segment: 'tenant_default.things',
    tenant: 'default',
    actor: 'system',
    ...change,
  };
}

/** Every event of a log, by pages. */
export async function readAll(log: LogStore): Promise<StoredEvent[]> {
  return readPages(log, { limit: 1000 });
}

/** Every event that a query gives, from page to page, in the order asked for. */
export async function readPages(log: LogStore, query: ReadQuery): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  let cursor: ReadQuery | null = {};
  while (cursor !== null) {
    const page = await log.read({ ...query, ...cursor });
    all.push(...page.events);
    if (page.next === null) cursor = null;
    else cursor = query.order === 'newest' ? { before: page.next } : { after: page.next };
  }
  return all;
}

/** A moment that lies after everything that was appended so far and before everything that will be, RFC 3339. */
export async function momentBetween(): Promise<string> {
  const before = Date.now();
  await until(() => Date.now() > before);
  const moment = Date.now();
  await until(() => Date.now() > moment);
  return new Date(moment).toISOString();
}

/** The first events of a subscription; fails when they do not come within ten seconds. */
export async function take(
  events: AsyncIterable<StoredEvent>,
  count: number,
  stop: AbortController,
): Promise<StoredEvent[]> {
  const taken: StoredEvent[] = [];
  const late = AbortSignal.timeout(10_000);
  late.addEventListener('abort', () => stop.abort());
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  stop.abort();
  if (taken.length < count) throw new Error(`only ${taken.length} of ${count} events came`);
  return taken;
}

/** The code an operation is refused with. */
export async function codeOf(operation: Promise<unknown>): Promise<string> {
  try {
    await operation;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'nothing was refused';
}

export function positionsOf(events: readonly StoredEvent[]): number[] {
  return events.map((event) => event.position);
}

/** Whole numbers from `first` to `last`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
