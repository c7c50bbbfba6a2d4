import { KINDS, type Kind, type Sample } from './sample.ts';

/** A time in which a version may answer: from when it was asked for until another one was said to be in place. */
export interface Span {
  readonly name: string;
  readonly from: number;
  /** Null: it stays. */
  readonly until: number | null;
}

/** A runner that was killed: what it was answering is lost with it. */
export interface Loss {
  /** When it was killed. */
  readonly from: number;
  /** What was sent later cannot have been sent to it. */
  readonly until: number;
  /** Requests that cannot be sent to another runner instead. */
  readonly kinds: readonly Kind[];
}

/** What the samples amount to. */
export interface Verdict {
  readonly requests: number;
  /** Requests that ended badly because their runner was killed under them, as nobody can help. */
  readonly lost: number;
  /** What must not have happened, in words. */
  readonly failures: readonly string[];
}

/** Kinds that only a connection to one runner can finish: a body was sent, or part of the answer has come. */
export const BOUND: readonly Kind[] = ['post', 'post-new', 'stream', 'download'];

/**
 * A request failed when it was not answered whole and right, or by a version that was in place at no moment between when
 * it was sent and when its answer was there.
 */
export function judge(
  samples: readonly Sample[],
  spans: readonly Span[],
  losses: readonly Loss[] = [],
): Verdict {
  const failures: string[] = [];
  let lost = 0;
  for (const sample of samples) {
    const isLost = losses.some(
      ({ from, until, kinds }) => kinds.includes(sample.kind) && sample.sent <= until && sample.ended >= from,
    );
    if (sample.failure !== null && isLost) lost += 1;
    else if (sample.failure !== null) failures.push(`${describe(sample)}: ${sample.failure}`);
    else if (sample.served !== null && !mayAnswer(sample.served, sample, spans))
      failures.push(`${describe(sample)}: answered by ${sample.served}, which was not in place`);
  }
  return { requests: samples.length, lost, failures };
}

function mayAnswer(name: string, { sent, ended }: Sample, spans: readonly Span[]): boolean {
  return spans.some((span) => span.name === name && span.from <= ended && (span.until ?? ended) >= sent);
}

function describe({ kind, sent, ended }: Sample): string {
  return `${kind} sent at ${sent.toFixed(0)}, ended after ${(ended - sent).toFixed(0)} ms`;
}

/** Latencies from the due moment, in milliseconds, of what was due between two moments; streams have none. */
export function latencies(samples: readonly Sample[], from: number, until: number): readonly number[] {
  const timed = samples.filter(({ kind, due }) => !isStream(kind) && due >= from && due < until);
  return timed.map(({ due, ended }) => ended - due);
}

/** How many of each kind, for a report. */
export function countsOf(samples: readonly Sample[]): string {
  const counts = KINDS.map(
    (kind) => [kind, samples.filter((sample) => sample.kind === kind).length] as const,
  );
  return counts.map(([kind, count]) => `${count} ${kind}`).join(', ');
}

function isStream(kind: Kind): boolean {
  return kind === 'stream' || kind === 'download';
}
