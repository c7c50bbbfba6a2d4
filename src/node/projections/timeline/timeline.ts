import type { DatabaseSync } from 'node:sqlite';
import type { StoredEvent } from '../../../log/index.ts';
import type { OpenProjection, Projection } from '../projection.ts';
import { createErasures } from './erasures.ts';
import { createLabels, type LabelKind, tokenOf } from './labels.ts';
import { textOf } from './text.ts';

/**
 * What happened, findable by its words. The index holds for each position the words of the event and a token for every
 * attribute that a search may be narrowed by, so that a common word with a rare attribute is as quick as a rare word.
 * Events themselves are read from the log, which alone says what is in them and who may see them.
 */
export const timeline: Projection = {
  name: 'timeline',
  version: 1,
  tables: [
    {
      name: 'timeline_labels',
      create: `CREATE TABLE timeline_labels (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (kind, value)
      ) STRICT`,
    },
    {
      name: 'timeline_apps',
      create: 'CREATE TABLE timeline_apps (app TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID',
    },
    {
      // what stands in the index is removed only by saying it again; events that can be erased are the few
      name: 'timeline_erasable',
      create: `CREATE TABLE timeline_erasable (
        position INTEGER PRIMARY KEY, traffic INTEGER NOT NULL, tenant INTEGER NOT NULL, subject INTEGER NOT NULL,
        keys TEXT NOT NULL, text TEXT NOT NULL
      ) STRICT;
      CREATE INDEX timeline_erasable_subject ON timeline_erasable (subject, position);
      CREATE INDEX timeline_erasable_traffic ON timeline_erasable (position) WHERE traffic = 1`,
    },
    {
      name: 'timeline_erasures',
      create: `CREATE TABLE timeline_erasures (
        id INTEGER PRIMARY KEY, tenant INTEGER, subject INTEGER, through INTEGER NOT NULL
      ) STRICT`,
    },
    {
      name: 'timeline_words',
      create: `CREATE VIRTUAL TABLE timeline_words USING fts5 (
        keys, text, content = '', columnsize = 0, tokenize = 'porter unicode61 remove_diacritics 2'
      );
      INSERT INTO timeline_words (timeline_words, rank) VALUES ('secure-delete', 1)`,
    },
  ],
  open: openTimeline,
};

function openTimeline(db: DatabaseSync): OpenProjection {
  const labels = createLabels(db);
  const erasures = createErasures(db, labels);
  const addWords = db.prepare('INSERT INTO timeline_words (rowid, keys, text) VALUES (?, ?, ?)');
  const addErasable = db.prepare(
    'INSERT INTO timeline_erasable (position, traffic, tenant, subject, keys, text) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const nameOf = db.prepare('SELECT name FROM timeline_apps WHERE app = ?');
  const setName = db.prepare('INSERT OR REPLACE INTO timeline_apps (app, name) VALUES (?, ?)');
  const names = new Map<string, string | null>();

  const appNameOf = ({ type, data, actor }: StoredEvent): string | null => {
    const { app, name } = data;
    if (typeof app !== 'string') return null;
    if (type === 'app_registered' && typeof name === 'string' && !actor.startsWith('app:')) {
      setName.run(app, name);
      names.set(app, name);
    }
    let known = names.get(app);
    if (known === undefined) {
      if (names.size >= 10_000) names.clear();
      const row = nameOf.get(app);
      known = row === undefined ? null : String(row.name);
      names.set(app, known);
    }
    return known;
  };

  return {
    rest: erasures,
    apply(event) {
      const { position, tenant, subject } = event;
      const label = (kind: LabelKind, value: string) => labels.intern(kind, value);
      const ofTenant = label('tenant', tenant);
      const ofSubject = label('subject', subject);
      const keys = [
        ofTenant,
        label('class', event.class ?? 'office'),
        label('segment', event.segment),
        label('type', event.type),
        ofSubject,
        label('actor', event.actor),
      ]
        .map(tokenOf)
        .join(' ');
      const text = textOf(event, appNameOf(event));
      addWords.run(BigInt(position), keys, text);
      const isTraffic = event.class === 'traffic';
      if (isTraffic || event.sealedby !== undefined) {
        addErasable.run(position, isTraffic ? 1 : 0, ofTenant, ofSubject, keys, text);
      }
      if (event.type === 'payload_erased' && !event.actor.startsWith('app:')) erasures.note(event);
    },
  };
}
