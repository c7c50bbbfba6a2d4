import { Worker } from 'node:worker_threads';
import type { Answer, FromProjections, Question, ToProjections } from './messages.ts';

/** The thread of the projections, seen from the office. */
export interface ProjectionThread {
  /** Never rejects: a thread that died answers `failed`, and the next question starts another one. */
  ask(question: Question): Promise<Answer>;
  close(): Promise<void>;
}

export interface ThreadEvents {
  finished(): void;
  skipped(position: number, why: string): void;
}

const DIED: Answer = { kind: 'failed', damaged: false, full: false, why: 'its thread ended' };

/** @param file the database */
export function createProjectionThread(file: string, on: ThreadEvents): ProjectionThread {
  const asked = new Map<number, (answer: Answer) => void>();
  let tickets = 0;
  let worker: Worker | null = null;

  const start = (): Worker => {
    const started = new Worker(workerUrl(), {
      name: 'projections',
      workerData: { file },
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 },
    });
    started.on('message', (message: FromProjections) => {
      if (message.kind === 'finished') on.finished();
      else if (message.kind === 'skipped') on.skipped(message.position, message.why);
      else {
        const { ticket, ...answer } = message;
        asked.get(ticket)?.(answer);
        asked.delete(ticket);
      }
    });
    started.on('error', () => {}); // 'exit' follows
    started.on('exit', () => {
      if (worker === started) worker = null;
      const waiting = [...asked.values()];
      asked.clear();
      for (const resolve of waiting) resolve(DIED);
    });
    return started;
  };

  const ask = (question: Question): Promise<Answer> =>
    new Promise((resolve) => {
      worker ??= start();
      const ticket = ++tickets;
      asked.set(ticket, resolve);
      worker.postMessage({ ...question, ticket } satisfies ToProjections);
    });

  return {
    ask,
    async close() {
      if (worker === null) return;
      await ask({ kind: 'close' });
      await worker?.terminate();
    },
  };
}

/** The compiled package holds the same file as JavaScript. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
}
