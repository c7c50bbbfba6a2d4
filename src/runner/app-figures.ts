import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Upper bounds of the latency buckets in milliseconds; what takes longer than the last is in a bucket of its own. */
export const LATENCY_BOUNDS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000,
] as const;

/** Header of a request that is a health probe of the platform: no visitor, so it is not counted. */
export const PROBE_HEADER = 'tabbify-probe';

/** A response that knows when its request came and when its head went out. A class so that measuring makes no closures. */
export class TimedResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  readonly #begun = performance.now();
  /** Milliseconds from the request's head to the answer's; null before. The body of a stream has no part in it. */
  headAfterMs: number | null = null;
  /** Called once, when the head goes out. */
  onHead: ((response: TimedResponse) => void) | null = null;
  /** Makes a header that goes out behind all others: name and value. Given what `headAfterMs` will be. */
  lastHeader: ((headAfterMs: number) => readonly [string, string]) | null = null;
  /** What `writeHead` was given behind the status: Node does not keep it. */
  #head: readonly unknown[] = [];

  /** Has the head of an answer gone out that has no end of its own? */
  get isEventStream(): boolean {
    if (!this.headersSent) return false;
    const values = [
      this.getHeader('content-type'),
      ...this.#head.flatMap((part) => Object.values(part ?? {})),
    ];
    return values.flat().some((value) => /^text\/event-stream\b/i.test(String(value)));
  }

  /** @param rest a status message or not, then headers or none, as `ServerResponse` takes them */
  override writeHead(statusCode: number, ...rest: unknown[]): this {
    const tookMs = performance.now() - this.#begun;
    const headers = this.lastHeader === null ? rest : withHeader(rest, this.lastHeader(tookMs));
    const written = super.writeHead(statusCode, ...(headers as [OutgoingHttpHeaders?]));
    this.#head = rest;
    if (this.headAfterMs === null && this.statusCode >= 200) {
      this.headAfterMs = tookMs;
      this.onHead?.(this as unknown as TimedResponse);
    }
    return written;
  }
}

/** Headers are an object, a flat list, or a list of pairs; a status message may stand before them. */
function withHeader(rest: readonly unknown[], [name, value]: readonly [string, string]): unknown[] {
  const [first, second] = rest;
  const isMessage = typeof first === 'string';
  const given = isMessage || first == null ? second : first;
  const more = !Array.isArray(given)
    ? { ...(given as OutgoingHttpHeaders | undefined), [name]: value }
    : Array.isArray(given[0])
      ? [...given, [name, value]]
      : [...given, name, value];
  return isMessage ? [first, more] : [more];
}

/** What an HTTP front has answered since it began; every figure only grows, except those that are open. */
export interface AnswerFigures {
  begin(response: TimedResponse): void;
  /** Counts a request for another protocol, as a stream as long as its connection lasts; it is in no class and no bucket. */
  beginUpgrade(socket: Duplex): void;
  /**
   * `http_requests`, `http_2xx` … `http_5xx` (heads sent), `http_broken` (ended before the answer was whole: the visitor
   * left, or the app broke off), `http_open` (under way), `http_streams` (of these, with their head sent), `http_ms` (sum
   * of the times to the head) and, per bucket, `http_in_<bound>` and `http_in_inf`: answers in this bucket alone.
   */
  stats(): Readonly<Record<string, number>>;
}

/** Name of a bucket in `AnswerFigures.stats`. @param bound upper bound in milliseconds; undefined: the last bucket */
export function bucketName(bound: number | undefined): string {
  return `http_in_${bound ?? 'inf'}`;
}

/** The bucket that a time belongs to: index into `LATENCY_BOUNDS_MS`, or one behind it. */
export function bucketOf(ms: number): number {
  let index = 0;
  while (index < LATENCY_BOUNDS_MS.length && ms > (LATENCY_BOUNDS_MS[index] ?? 0)) index++;
  return index;
}

/** Begins to count. */
export function createAnswerFigures(): AnswerFigures {
  const buckets = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0);
  const classes = [0, 0, 0, 0]; // 2xx to 5xx
  let requests = 0;
  let broken = 0;
  let open = 0;
  let streams = 0;
  let ms = 0;

  const onHead = (response: TimedResponse): void => {
    const took = response.headAfterMs ?? 0;
    const kind = Math.min(Math.max(Math.floor(response.statusCode / 100), 2), 5) - 2;
    classes[kind] = (classes[kind] ?? 0) + 1;
    const bucket = bucketOf(took);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    ms += took;
    streams++;
  };
  function onClose(this: TimedResponse): void {
    open--;
    if (this.headAfterMs !== null) streams--;
    if (!this.writableFinished) broken++;
  }
  return {
    begin(response) {
      requests++;
      open++;
      response.onHead = onHead;
      response.once('close', onClose);
    },
    beginUpgrade(socket) {
      requests++;
      open++;
      streams++;
      socket.once('close', () => {
        open--;
        streams--;
      });
    },
    stats() {
      const named: Record<string, number> = {
        http_requests: requests,
        http_broken: broken,
        http_open: open,
        http_streams: streams,
        http_ms: Math.round(ms * 1000) / 1000,
      };
      classes.forEach((count, index) => {
        named[`http_${index + 2}xx`] = count;
      });
      buckets.forEach((count, index) => {
        named[bucketName(LATENCY_BOUNDS_MS[index])] = count;
      });
      return named;
    },
  };
}
