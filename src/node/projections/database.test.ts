import { rmSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StoredEvent } from '../../log/index.ts';
import { openProjectionDatabase, type ProjectionDatabase } from './database.ts';
import type { Projection } from './projection.ts';
import { PROJECTIONS } from './registry.ts';
import { timeline } from './timeline/timeline.ts';
import { wordsExpression } from './timeline/words.ts';

let folder: string;
let db: ProjectionDatabase;
const open = (projections: readonly Projection[] = PROJECTIONS, firstWindow?: number) => {
  db = openProjectionDatabase(join(folder, 'projections.db'), projections, firstWindow);
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabbify-projections-'));
  open();
});
afterEach(async () => {
  db.close();
  await rm(folder, { recursive: true, force: true });
});

test('its files are for their owner only', async () => {
  for (const name of ['projections.db', 'projections.db-wal', 'projections.db-shm'])
    expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o600]);
});

const WORDS = ['flour', 'water', 'salt', 'yeast'] as const;
const TYPES = ['baked', 'sold', 'eaten'] as const;
interface Said {
  readonly words: readonly string[];
  readonly type: string;
  readonly tenant: string;
}
const said: fc.Arbitrary<Said> = fc.record({
  words: fc.subarray([...WORDS]),
  type: fc.constantFrom(...TYPES),
  tenant: fc.constantFrom('default', 'bakers'),
});
const eventAt = (position: number, { words, type, tenant }: Said): StoredEvent => ({
  ...{
    specversion: '1.0',
    id: String(position),
    source: '/x',
    type,
    subject: 'bakery/1',
    time: 'T',
    position,
  },
  ...{ dataschema: `tabbify:${type}/1`, segment: `tenant_${tenant}.x`, tenant, actor: 'system' },
  data: { text: words.join(' ') },
});
const none = () => {
  throw new Error('an event was skipped');
};
const search = (words: string, more: object = {}) =>
  db.search({
    words: wordsExpression(words) ?? '',
    lowest: 1,
    highest: 1e9,
    order: 'newest',
    limit: 10,
    ...more,
  });

test('pages of a search are what a scan of all events finds, whatever the order, the bounds and the gaps', () => {
  const gap = fc.integer({ min: 1, max: 3 });
  const query = fc.record({
    words: fc.subarray([...WORDS], { minLength: 1, maxLength: 2 }),
    types: fc.option(fc.subarray([...TYPES]), { nil: undefined }),
    tenants: fc.option(fc.constant(['default']), { nil: undefined }),
    order: fc.constantFrom('oldest' as const, 'newest' as const),
    limit: fc.integer({ min: 1, max: 4 }),
    lowest: fc.integer({ min: 1, max: 20 }),
    highest: fc.integer({ min: 1, max: 90 }),
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(said, gap), { minLength: 10, maxLength: 40 }),
      fc.array(query, { minLength: 1 }),
      (history, queries) => {
        db.close();
        for (const suffix of ['', '-wal', '-shm'])
          rmSync(join(folder, `projections.db${suffix}`), { force: true });
        open(PROJECTIONS, 2);
        let position = 0;
        const events = history.map(([what, distance]) => {
          position += distance;
          return eventAt(position, what);
        });
        db.apply(events, position, none);
        for (const { words, types, tenants, order, limit, lowest, highest } of queries) {
          const wanted = events
            .filter(
              (event) =>
                event.position >= lowest &&
                event.position <= highest &&
                words.every((word) => String(event.data.text).split(' ').includes(word)) &&
                (types?.some((type) => type === event.type) ?? true) &&
                (tenants?.some((tenant) => tenant === event.tenant) ?? true),
            )
            .map((event) => event.position);
          if (order === 'newest') wanted.reverse();
          const found: number[] = [];
          let [low, high] = [lowest, highest];
          for (;;) {
            const narrowed = { ...(types && { types }), ...(tenants && { tenants }) };
            const page = search(words.join(' '), { ...narrowed, order, limit, lowest: low, highest: high });
            expect(page.positions.length).toBeLessThanOrEqual(limit);
            found.push(...page.positions);
            if (page.next === null) break;
            if (order === 'newest') high = page.next - 1;
            else low = page.next + 1;
          }
          expect(found).toEqual(wanted);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('words are found by their stems, in any case, with any accent; deploy and deployment are one', () => {
  const texts = [
    'deployment_succeeded',
    'deployed',
    'Crème brûlée',
    'out of memory',
    'TelegramMessageReceived',
  ];
  for (const [n, text] of texts.entries()) {
    db.apply([eventAt(n + 1, { words: [text], type: 'x', tenant: 'default' })], n + 1, none);
  }
  const found = (q: string) => search(q).positions.toReversed();
  expect(found('deploy')).toEqual([1, 2]);
  expect(found('deployments')).toEqual([1, 2]);
  expect(found('creme BRULEE')).toEqual([3]);
  expect(found('"of memory"')).toEqual([4]);
  expect(found('"memory of"')).toEqual([]);
});

test('a projection of another version is built anew, the others go on where they were', () => {
  db.apply([eventAt(1, { words: ['flour'], type: 'baked', tenant: 'default' })], 7, none);
  expect(db.standing()).toMatchObject({ cursor: 7, last: { position: 1, event: '1' } });
  db.close();
  open(
    PROJECTIONS.map((each) => (each === timeline ? { ...timeline, version: timeline.version + 1 } : each)),
  );
  expect(db.standing().cursor).toBe(0);
  expect(search('flour').positions).toEqual([]);
  db.apply([eventAt(1, { words: ['flour'], type: 'baked', tenant: 'default' })], 7, none);
  expect(search('flour').positions).toEqual([1]);
  db.close();
  open([timeline]);
  expect(db.standing().cursor).toBe(0); // of the version before the last one: anew again
});

test('a batch that fails leaves rows and cursor as they were; what an event holds is skipped', () => {
  const broken: Projection = {
    name: 'broken',
    version: 1,
    tables: [{ name: 'broken_t', create: 'CREATE TABLE broken_t (a INTEGER NOT NULL) STRICT' }],
    open: (sqlite) => {
      const put = sqlite.prepare('INSERT INTO broken_t (a) VALUES (?)');
      return {
        apply({ type }) {
          if (type === 'sold') put.run(null);
          if (type === 'eaten') sqlite.exec('SELECT * FROM nowhere');
          if (type === 'baked') throw new TypeError('no such word');
        },
      };
    },
  };
  db.close();
  open([timeline, broken]);
  const skipped: number[] = [];
  const skip = (position: number) => void skipped.push(position);
  const event = (position: number, type: string) =>
    eventAt(position, { words: ['salt'], type, tenant: 'default' });
  db.apply([event(1, 'baked'), event(2, 'sold')], 2, skip);
  expect([skipped, db.standing().cursor]).toEqual([[1, 2], 2]);
  expect(() => db.apply([event(3, 'baked'), event(4, 'eaten')], 4, skip)).toThrow('nowhere');
  db.close();
  open([timeline, broken]);
  expect(db.standing()).toMatchObject({ cursor: 2, last: { position: 2 } });
  expect(search('salt').positions).toEqual([2, 1]);
});
