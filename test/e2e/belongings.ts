import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { processesOf } from './living.ts';
import { forget, remember } from './survivor.ts';

/** Something that was begun for a test and has not come to its end. */
export interface Belonging {
  /** Home directory of those for whom it is; what is for an office lives as long as the office does. Null: of nobody. */
  readonly home: string | null;
  /** Temporary folder of all its processes (see `endAllOf`), which end also when those who run the tests are killed. */
  readonly folder?: string;
  /** Ends it at once, however far it is; whoever still uses it sees it fail. */
  end(): Promise<void>;
}

const open = new Set<Belonging>();

/** Milliseconds until all processes of a folder must be gone that were killed. */
const GONE_MS = 20_000;

/** From now on this ends with its test at the latest, however that ends. @returns says that it has ended by itself */
export function belongs(belonging: Belonging): () => void {
  const { folder } = belonging;
  open.add(belonging);
  if (folder !== undefined) remember(folder);
  return () => {
    open.delete(belonging);
    if (folder !== undefined) forget(folder);
  };
}

/** What there is at this moment. */
export function belongings(): ReadonlySet<Belonging> {
  return new Set(open);
}

/** Ends what has come since then, but for what is for an office of before. @throws what kept one of them from ending; the others are ended all the same */
export async function endAllBut(kept: ReadonlySet<Belonging>): Promise<void> {
  const homes = new Set([...kept].map(({ home }) => home));
  const left = [...open].filter((each) => !kept.has(each) && (each.home === null || !homes.has(each.home)));
  for (const each of left) open.delete(each);
  const ends = await Promise.allSettled(left.map(endOne));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function endOne({ end, folder }: Belonging): Promise<void> {
  await end();
  if (folder !== undefined) forget(folder);
}

/**
 * `kill -9` of every process of a folder (see `processesOf`), again until there is none, whoever starts another one meanwhile; then the folder
 * is removed. They are stopped first: whose parent has gone is nobody's any more.
 *
 * @param folder a temporary one, of nobody else
 */
export async function endAllOf(folder: string): Promise<void> {
  const deadline = performance.now() + GONE_MS;
  for (;;) {
    const living = await processesOf(folder);
    if (living.length === 0) break;
    for (const { pid } of living) signal(pid, 'SIGSTOP');
    const theirs = await processesOf(folder);
    for (const { pid } of [...living, ...theirs]) endProcess(pid);
    if (performance.now() > deadline)
      throw new Error(`does not end: ${living.map(({ pid, command }) => `${pid} ${command}`).join('; ')}`);
    await wait(20);
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** Also of one that has ended already. */
export function endProcess(pid: number): void {
  signal(pid, 'SIGKILL');
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
