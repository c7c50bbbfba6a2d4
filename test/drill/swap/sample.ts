/** What a visitor asks for; `-new` over a connection of its own. */
export const KINDS = ['get', 'get-new', 'post', 'post-new', 'rare', 'stream', 'download'] as const;
export type Kind = (typeof KINDS)[number];

/** One request as its visitor saw it; moments in milliseconds of the system's monotonic clock, which all processes share. */
export interface Sample {
  readonly kind: Kind;
  /** When it was to be sent: latency counts from here, so that a late generator hides nothing. */
  readonly due: number;
  /** When it was sent. */
  readonly sent: number;
  readonly ended: number;
  /** What the app said of its version; null for answers that do not tell. */
  readonly served: string | null;
  /** Null: answered whole and right. */
  readonly failure: string | null;
}

/** What the generator is to do. */
export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  /** Prefix of every path, e.g. `/app/<uuid>`. */
  readonly prefix: string;
  /** Requests per second at a constant pace, whatever becomes of them. */
  readonly perSecond: number;
  /** Requests that are sent at one moment at the top of every second, so that many connections fall idle together. */
  readonly burst: number;
  /** Responses that stream all the time, half of them up and down, half of them down to a slow reader. */
  readonly streams: number;
  /** Milliseconds that a stream lasts, at least and at most. */
  readonly streamMs: readonly [number, number];
  readonly seed: number;
  /** File for the samples, as JSON. */
  readonly output: string;
}

/** Milliseconds on the clock of the samples. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
