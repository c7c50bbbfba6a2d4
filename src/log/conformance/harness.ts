import type { EventDraft, LogStore, StoredEvent } from '../index.ts';

/** One log on a medium of its own, which outlives the stores that open it. */
export interface LogUnderTest {
  /** Opens the log; what was appended through an earlier store is there again. */
  open(): Promise<LogStore>;
  /** Removes the medium; every store was closed before. */
  dispose(): Promise<void>;
}

export type MakeLog = () => Promise<LogUnderTest>;

/** Runs a test with a fresh log and leaves nothing behind. */
export async function withLog(
  make: MakeLog,
  test: (log: LogStore, reopen: () => Promise<LogStore>) => Promise<void>,
): Promise<void> {
  const medium = await make();
  let log = await medium.open();
  const reopen = async () => {
    await log.close();
    log = await medium.open();
    return log;
  };
  try {
    await test(log, reopen);
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
  const all: StoredEvent[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const page = await log.read({ after, limit: 1000 });
    all.push(...page.events);
    after = page.next;
  }
  return all;
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
