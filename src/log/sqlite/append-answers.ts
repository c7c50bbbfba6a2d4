import type { EventDraft, JsonObject } from '../envelope.ts';
import type { PreparedDraft } from '../envelope-schema.ts';
import { logError } from '../errors.ts';
import type { Appended } from '../held-event.ts';
import type { AppendResult } from '../log-store.ts';
import { plainCopy } from '../plain-json.ts';
import { type AppendOutcome, type AppendRow, appendRow } from './messages.ts';

/** An append that waits for its group: what is written, and what will be told of it. */
export interface Waiting {
  readonly row: AppendRow;
  /** As a page will give it; the caller may go on changing what it handed in. */
  readonly kept: EventDraft;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: Error) => void;
}

export function keptDraft(prepared: PreparedDraft, expected: number | null): Pick<Waiting, 'row' | 'kept'> {
  return {
    row: appendRow(prepared, expected),
    kept: { ...prepared.draft, data: dataOf(prepared) },
  };
}

function dataOf({ draft, body }: PreparedDraft): JsonObject {
  return plainCopy(draft.data) ?? (JSON.parse(body) as { readonly data: JsonObject }).data;
}

/** What the live tail is told of it: the event at its position, or nothing. */
export function appendedAt({ kept, row }: Waiting, outcome: AppendOutcome | undefined): Appended[] {
  if (outcome?.kind !== 'appended') return [];
  return [{ event: { specversion: '1.0', ...kept, position: outcome.position }, text: row.body }];
}

/** Tells the caller. */
export function settle({ row, resolve, reject }: Waiting, outcome: AppendOutcome | undefined): void {
  if (outcome?.kind === 'conflict') reject(conflict(row, outcome.last));
  else if (outcome?.kind === 'blob_missing') reject(blobMissing(row));
  else if (outcome) resolve({ position: outcome.position, duplicate: outcome.kind === 'duplicate' });
}

function conflict(row: AppendRow, last: number) {
  return logError('position_conflict', {
    what: `The ${row.type} event was not appended`,
    why: `the last event of ${row.subject} in ${row.segment} is at position ${last}, expected was ${row.expected}`,
    hint: 'Read what happened since, decide anew, and append with the new position',
  });
}

function blobMissing(row: AppendRow) {
  return logError('blob_missing', {
    what: `The ${row.type} event was not appended`,
    why: `the blob ${row.dataref} that it names is not stored`,
    hint: 'Store the blob first, then append the event that names it',
  });
}
