import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../kit/index.ts';
import { assignment } from './protocol.ts';

/** What a supervisor has to remember of an app besides its runner. */
const appMemory = z.object({
  /** Highest generation that was taken up or given up. */
  generation: z.number().int(),
  outcome: z.enum(['running', 'idle', 'failed']),
  /** The last assignment that was good; serves on while a newer one has failed. */
  good: assignment.nullable(),
  /** Failures in a row; they outlive the supervisor, or a parked app would be tried again by every start of it. */
  trouble: z
    .object({
      generation: z.number(),
      failures: z.number().int().min(1),
      failed_at: z.number(),
      served: z.boolean(),
      runner: z.string().nullable().default(null),
    })
    .nullable()
    .default(null),
  /** Positions of the last restart, reset and purge that were carried out. */
  restarted: z.number().int().default(0),
  reset: z.number().int().default(0),
  purged: z.number().int().default(0),
  /** Nonce of the last runner whose start the log was told of: whoever adopts it tells the start of any other. */
  told: z.string().nullable().default(null),
});

export type AppMemory = z.infer<typeof appMemory>;

export const blankMemory: AppMemory = {
  ...{ generation: 0, outcome: 'idle', good: null, trouble: null },
  ...{ restarted: 0, reset: 0, purged: 0, told: null },
};

/** Memory of apps on disk, one file each, under `TABBIFY_HOME/supervisor/<name>/apps/`. */
export interface AppMemoryStore {
  load(app: string): Promise<AppMemory>;
  save(app: string, memory: AppMemory): Promise<void>;
  forget(app: string): Promise<void>;
}

/** A file that is absent or damaged reads as blank: then the node is told once more what it knows already. */
export function openAppMemory(directory: string): AppMemoryStore {
  const pathOf = (app: string): string => join(directory, 'apps', `${app}.json`);
  return {
    async load(app) {
      try {
        return appMemory.parse(JSON.parse(await readFile(pathOf(app), 'utf8')));
      } catch {
        return blankMemory;
      }
    },
    save: (app, memory) => writeFileAtomic(pathOf(app), JSON.stringify(memory)),
    forget: (app) => rm(pathOf(app), { force: true }),
  };
}
