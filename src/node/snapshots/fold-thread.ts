import { Worker } from 'node:worker_threads';
import { messageOf } from '../../kit/index.ts';
import type { LogStore } from '../../log/index.ts';
import { nodeError } from '../errors.ts';
import { officePages } from '../office-pages.ts';
import type { FromFold, ToFold } from './fold-messages.ts';

/** Events of a page while visitors are served: parsing one and handing it over holds the loop for 2 ms or so. */
const PAGE = 250;

/** What a fold in a thread of its own begins with and goes up to. */
export interface FoldRange {
  /** `TABBIFY_HOME`. */
  readonly home: string;
  /** Position of the snapshot to begin with; null: from the first event. */
  readonly from: number | null;
  /** Hash of the code that folds. */
  readonly code: string;
  /** Position of the last event that is folded. */
  readonly through: number;
}

/**
 * Folds the log up to a position in a thread of its own. This loop only hands the events over, page by page.
 *
 * @param make `document`: canonical JSON of an office, which is answered; `snapshot`: written to the home, and nothing
 *   is answered
 * @throws the signal's reason when it aborts; what the log says when it cannot be read; internal_error
 */
export async function foldInThread(
  log: Pick<LogStore, 'read'>,
  { home, from, code, through }: FoldRange,
  make:
    | { readonly kind: 'document'; readonly office: string }
    | { readonly kind: 'snapshot'; readonly event: string },
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  signal.throwIfAborted();
  const worker = new Worker(workerUrl(), {
    name: 'fold',
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => {}); // told to whoever asks next
  const stop = () => gone.reject(signal.reason);
  signal.addEventListener('abort', stop);
  worker.on('error', (cause) => gone.reject(foldFailed(messageOf(cause), cause)));
  const ask = async (message: ToFold): Promise<FromFold> => {
    const answered = Promise.withResolvers<FromFold>();
    worker.once('message', answered.resolve);
    worker.postMessage(message);
    const answer = await Promise.race([answered.promise, gone.promise]);
    if (answer.kind === 'failed') throw foldFailed(answer.why);
    return answer;
  };
  try {
    const begun = await ask({ kind: 'begin', home, from, code });
    const after = begun.kind === 'at' ? begun.position : 0;
    let folding: Promise<FromFold> | null = null;
    for await (const page of officePages(log, after, { through, size: PAGE })) {
      await folding;
      folding = ask({ kind: 'events', events: page.events });
      folding.catch(() => {}); // told with the next page
    }
    await folding;
    const made = await ask({ ...make, position: through });
    return made.kind === 'bytes' ? made.bytes : new Uint8Array();
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

function foldFailed(why: string, cause?: unknown) {
  return nodeError('internal_error', { what: 'The state could not be folded', why, cause });
}

/** The compiled package holds the same file as JavaScript. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './fold-worker.ts' : './fold-worker.js', import.meta.url);
}
