import type { DatabaseSync } from 'node:sqlite';

/** What of an event a search can be narrowed by. */
export type LabelKind = 'tenant' | 'class' | 'segment' | 'type' | 'subject' | 'actor';

/** Values as numbers: the index of words holds a short token for each. */
export interface Labels {
  /** Number of a value, given when it is first seen; inside the caller's transaction. */
  intern(kind: LabelKind, value: string): number;
  /** Null: no event has it. */
  find(kind: LabelKind, value: string): number | null;
  /** Every value of a kind. */
  values(kind: LabelKind): { readonly id: number; readonly value: string }[];
}

/** Numbers kept in memory; subjects may be as many as events. */
const REMEMBERED = 20_000;

export function createLabels(db: DatabaseSync): Labels {
  const get = db.prepare('SELECT id FROM timeline_labels WHERE kind = ? AND value = ?');
  const add = db.prepare('INSERT INTO timeline_labels (kind, value) VALUES (?, ?)');
  const ofKind = db.prepare('SELECT id, value FROM timeline_labels WHERE kind = ? ORDER BY id');
  const known = new Map<string, number>();
  const remember = (key: string, id: number) => {
    if (known.size >= REMEMBERED) known.clear();
    known.set(key, id);
    return id;
  };
  const find = (kind: LabelKind, value: string): number | null => {
    const key = `${kind} ${value}`;
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const row = get.get(kind, value);
    return row === undefined ? null : remember(key, Number(row.id));
  };
  return {
    find,
    intern: (kind, value) =>
      find(kind, value) ?? remember(`${kind} ${value}`, Number(add.run(kind, value).lastInsertRowid)),
    values: (kind) => ofKind.all(kind).map((row) => ({ id: Number(row.id), value: String(row.value) })),
  };
}

/** Token of a label in the column `keys` of the index. */
export function tokenOf(label: number): string {
  return `k${label}`;
}
