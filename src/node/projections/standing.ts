import type { TabbifyError } from '../../kit/index.ts';
import { nodeError } from '../errors.ts';
import { withRetryAfter } from '../retry-after.ts';
import type { Standing } from './messages.ts';

/** How the projections are, as anybody may ask. */
export interface ProjectionStatus {
  /**
   * `following`: they hold what the log holds, or will in a moment; `building`: they are made anew from the log;
   * `unavailable`: their file cannot be used, it is tried again.
   */
  readonly state: 'following' | 'building' | 'unavailable';
  /** Everything up to here is in. */
  readonly position: number;
  /** Why they are unavailable. */
  readonly why: string | null;
}

/** Where the projections are, and who waits for them to get further. */
export interface Progress {
  readonly status: ProjectionStatus;
  /** Segments that the projections know. */
  readonly segments: ReadonlySet<string>;
  /** Erased words are being taken out. */
  readonly unfinished: boolean;
  moved(standing: Standing): void;
  finished(): void;
  /** They begin at the beginning and are of no use before this position. */
  building(until: number): void;
  failed(why: string, full: boolean): void;
  /**
   * Waits until they hold this position and nothing erased, but no longer than this.
   *
   * @throws projection_unavailable when they are being built or cannot be used
   */
  ready(position: number, ms: number): Promise<void>;
}

export function createProgress(): Progress {
  let position = 0;
  let unfinished = false;
  let buildingUntil = 0;
  let failure: { readonly why: string; readonly full: boolean } | null = null;
  const segments = new Set<string>();
  const waiting = new Set<() => void>();
  const look = () => {
    for (const each of [...waiting]) each();
  };
  const refusal = (): TabbifyError | null => {
    if (failure !== null) return unavailable(failure);
    return position < buildingUntil ? beingBuilt(position, buildingUntil) : null;
  };
  return {
    get status() {
      const state: ProjectionStatus['state'] =
        failure !== null ? 'unavailable' : position < buildingUntil ? 'building' : 'following';
      return { state, position, why: failure?.why ?? null };
    },
    segments,
    get unfinished() {
      return unfinished;
    },
    moved(standing) {
      position = standing.cursor;
      unfinished = standing.unfinished;
      failure = null;
      for (const segment of standing.segments) segments.add(segment);
      look();
    },
    finished() {
      unfinished = false;
      look();
    },
    building(until) {
      buildingUntil = until;
      look();
    },
    failed(why, full) {
      failure = { why, full };
      look();
    },
    ready(wanted, ms) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const see = () => {
        const refused = refusal();
        if (refused !== null) reject(refused);
        else if (position >= wanted && !unfinished) resolve();
      };
      waiting.add(see);
      const late = setTimeout(resolve, ms);
      see();
      return promise.finally(() => {
        waiting.delete(see);
        clearTimeout(late);
      });
    },
  };
}

function unavailable({ why, full }: { readonly why: string; readonly full: boolean }) {
  return withRetryAfter(
    nodeError('projection_unavailable', {
      what: 'The office cannot be searched now',
      why: full ? 'the disk is full, and the search cannot be kept up to date' : why,
      hint: full
        ? 'Free some disk space; the search comes back by itself. Everything else goes on, reading without `q` too'
        : 'Look at projections.db in the office’s home and its disk; the search comes back by itself once the file can be used. Reading without `q` goes on',
    }),
    5,
  );
}

function beingBuilt(position: number, until: number) {
  return withRetryAfter(
    nodeError('projection_unavailable', {
      what: 'The office cannot be searched yet',
      why: `its search is being built from the log: ${position} of ${until} events are in`,
      hint: 'Try again in a moment; reading without `q` goes on',
    }),
    2,
  );
}
