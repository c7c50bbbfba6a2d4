import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import {
  type Endpoint,
  httpEndpoint,
  isEndpoint,
  replaceFile,
  syncDirectory,
  writeFileAtomic,
} from '../kit/index.ts';
import { recordPaths } from '../runner/index.ts';
import { grant } from './protocol.ts';

/** What the disk knows of a runner, so that the next supervisor finds it (CONTRACTS §8). Mode 0600: it holds the key. */
const storedRecord = z.object({
  format: z.literal(1),
  /** Which supervisor of this home started it. */
  supervisor: z.string(),
  app: z.string(),
  version: z.number().int(),
  generation: z.number().int(),
  pid: z.number().int().positive(),
  start_time: z.number().nullable(),
  nonce: z.string(),
  socket: z.string(),
  /** Where the app answers; null until it does. */
  endpoint: z.custom<Endpoint>(isEndpoint).nullish(),
  /** What records of control protocol 1 say instead of `endpoint`. */
  bound: z.object({ host: z.string(), port: z.number().int() }).nullish(),
  runner_key: z.string(),
  /** Version of the control protocol it speaks. */
  protocol: z.number().int(),
  /** Digest of the runner's program. */
  runtime_digest: z.string(),
  artifact_digest: z.string(),
  log_file: z.string(),
  started_at: z.string(),
  /** Woken by a request although the app stands stopped: such a runner is not ended for that reason. */
  overridden_stop: z.number().int(),
  /** What its app was granted when it began. */
  grant: grant.optional(),
  /** Why it is being ended, noted before it is told to stop; `idle`: nobody asked for it. */
  ended_for: z.string().optional(),
});

export const runnerRecord = storedRecord.transform(({ endpoint, bound, ...record }) => ({
  ...record,
  endpoint: endpoint ?? (bound ? httpEndpoint(bound.host, bound.port) : null),
}));

export type RunnerRecord = z.infer<typeof runnerRecord>;

/** A record file as it lies in `runners/`; `record` is null when it cannot be read. */
export interface FoundRecord {
  readonly path: string;
  readonly staged: boolean;
  readonly record: RunnerRecord | null;
}

const RECORD_NAME = /^[0-9a-f-]{36}(\.g\d+)?\.json$/;

/** Every record of a home. Staged ones belong to runners whose start was cut short. */
export async function findRecords(home: string): Promise<readonly FoundRecord[]> {
  const directory = join(home, 'runners');
  const names = await readdir(directory).catch(() => []);
  const found = names.filter((name) => RECORD_NAME.test(name));
  return Promise.all(
    found.map(async (name) => {
      const path = join(directory, name);
      return { path, staged: name.includes('.g'), record: await readRecord(path) };
    }),
  );
}

/** Saves the record of a runner that does not serve yet. */
export async function saveStaged(home: string, record: RunnerRecord): Promise<void> {
  const { staged } = recordPaths(home, record.app, record.generation);
  await writeFileAtomic(staged, JSON.stringify(record), 0o600);
}

/** Adds to a staged record where the app answers. The flip, before which nothing is told of it, makes that durable. */
export async function saveAnswering(home: string, record: RunnerRecord): Promise<void> {
  const { staged } = recordPaths(home, record.app, record.generation);
  await replaceFile(staged, JSON.stringify(record), 0o600);
}

/**
 * Notes why a runner is about to be ended: whoever looks next, if this process dies meanwhile, carries that out and says so.
 *
 * @param path where the record lies
 */
export async function noteEnding(path: string, record: RunnerRecord, reason: string): Promise<void> {
  await writeFileAtomic(path, JSON.stringify({ ...record, ended_for: reason }), 0o600);
}

/** The flip: from now on this runner is the app's primary, on disk as well. */
export async function flipRecord(home: string, record: RunnerRecord): Promise<void> {
  const { staged, primary } = recordPaths(home, record.app, record.generation);
  await rename(staged, primary);
  await syncDirectory(dirname(primary));
}

/** Removes what the disk has of a runner that is gone: its record, unless a successor's took the place, and its socket. */
export async function forgetRunner(home: string, record: RunnerRecord): Promise<void> {
  const paths = recordPaths(home, record.app, record.generation);
  for (const path of [paths.staged, paths.primary]) {
    if ((await readRecord(path))?.nonce === record.nonce) await rm(path, { force: true });
  }
  await rm(record.socket, { force: true });
}

async function readRecord(path: string): Promise<RunnerRecord | null> {
  try {
    return runnerRecord.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}
