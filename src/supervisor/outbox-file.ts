import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, writeFileAtomic } from '../kit/index.ts';
import { type EventDraft, eventDraftSchema } from '../log/index.ts';

/** What has been observed and not yet told, on disk: one JSON line per observation, and one per delivery. */
export interface OutboxFile {
  /** What waits, oldest first. */
  readonly waiting: readonly EventDraft[];
  /** Lines at the end, or in between, that could not be read: a write that was cut short. */
  readonly torn: number;
  /** Resolves when they are on disk. @throws the file system's error; then none of them count as written */
  append(drafts: readonly EventDraft[]): Promise<void>;
  /** Marks one as delivered; not synced, since a second delivery appends nothing. */
  delivered(id: string): Promise<void>;
  /** Begins anew with what still waits. */
  rewrite(drafts: readonly EventDraft[]): Promise<void>;
  close(): Promise<void>;
}

/** @param directory `supervisor/<name>/outbox` of the home; made when it is not there */
export async function openOutboxFile(directory: string): Promise<OutboxFile> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'observations.jsonl');
  const { waiting, torn } = readLines(await readFile(path, 'utf8').catch(() => ''));
  const text = (drafts: readonly EventDraft[]): string =>
    drafts.map((draft) => `${JSON.stringify(draft)}\n`).join('');
  await writeFileAtomic(path, text(waiting)); // without what is torn, so that the next line begins a line
  let file = await open(path, 'a', 0o600);
  await syncDirectory(directory);

  /** A part of a line must not swallow the line after it. */
  async function write(handle: FileHandle, lines: string): Promise<void> {
    const { size } = await handle.stat();
    try {
      await handle.appendFile(lines);
    } catch (error) {
      await handle.truncate(size).catch(() => {});
      throw error;
    }
  }

  return {
    waiting,
    torn,
    async append(drafts) {
      await write(file, text(drafts));
      await file.datasync();
    },
    delivered: (id) => write(file, `${JSON.stringify({ delivered: id })}\n`),
    async rewrite(drafts) {
      await writeFileAtomic(path, text(drafts));
      const before = file;
      file = await open(path, 'a', 0o600);
      await before.close();
    },
    close: () => file.close(),
  };
}

function readLines(text: string): { waiting: EventDraft[]; torn: number } {
  const waiting = new Map<string, EventDraft>();
  let torn = 0;
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  if (last !== '') torn += 1; // every whole line ends with a newline
  for (const line of lines) {
    const value = parsed(line);
    if (value !== null && typeof value === 'object' && 'delivered' in value) {
      waiting.delete(String(value.delivered));
      continue;
    }
    const draft = eventDraftSchema.safeParse(value);
    if (draft.success) waiting.set(draft.data.id, draft.data as EventDraft);
    else torn += 1;
  }
  return { waiting: [...waiting.values()], torn };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
