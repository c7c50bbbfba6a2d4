import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draft } from './conformance/harness.ts';
import { eventDraftSchema } from './envelope-schema.ts';
import { isPlainDraft } from './plain-draft.ts';

const digest = `sha256:${'0af'.repeat(22).slice(0, 64)}`;

/** Values that are right, nearly right and wrong, for every attribute. */
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  id: fc.oneof(fc.uuid(), fc.string(), fc.constantFrom('', 7, '0191E7C2-1111-7222-8333-444455556666')),
  source: fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('/node', '', 'a\nb', '\ud800', 'x'.repeat(513)),
  ),
  type: fc.oneof(fc.constantFrom('app_made', 'a b', '', '9a', 'x'.repeat(129), 'Seen.At-1'), fc.string()),
  subject: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('app/1', '\u2028', '\u0085', 'x'.repeat(512)),
  ),
  time: fc.oneof(
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constantFrom(
      '2026-02-30T00:00:00Z',
      '2026-02-28T24:00:00Z',
      '2026-01-01T00:00:00+02:00',
      '2026-01-01T00:00:60Z',
      '2026-01-01',
      '2026-04-31T00:00:00Z',
      '2026-02-29T00:00:00Z',
      '2026-00-10T00:00:00Z',
      '2024-02-29T00:00:00.123456789Z',
      'now',
    ),
  ),
  dataschema: fc.constantFrom(
    'tabbify:app_made/1',
    'tabbify:thing_happened/1',
    'tabbify:thing_happened/0',
    'tabbify:thing_happened/1234567',
    'tabbify:thing_happened',
    'tabbify:thing_happened/1\n',
    '',
  ),
  data: fc.oneof(fc.object(), fc.constantFrom(null, [], 'x', new Date(0), undefined)),
  segment: fc.oneof(fc.string(), fc.constantFrom('a.b', 'a..b', 'A.b', 'a.*', 'a.', `${'a'.repeat(256)}`)),
  tenant: fc.oneof(fc.string(), fc.constantFrom('default', '-a', 'a'.repeat(63), 'a'.repeat(64), 'Ä')),
  actor: fc.oneof(
    fc.string().map((text) => `user:${text}`),
    fc.constantFrom(
      'system',
      'system ',
      'user:',
      'robot:1',
      'app:ü',
      `user:${'x'.repeat(251)}`,
      'user:a\u00a0b',
    ),
  ),
  causationid: fc.oneof(fc.string(), fc.constantFrom(undefined, 'x')),
  correlationid: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(null, 'x')),
  class: fc.constantFrom('traffic', 'office', undefined, 1),
  dataref: fc.constantFrom(digest, digest.toUpperCase(), `${digest}0`, undefined),
  sealedby: fc.oneof(fc.string(), fc.constantFrom('default/app/1')),
  erased: fc.constantFrom(digest),
  position: fc.constantFrom(1),
};

/** A valid draft with up to three attributes exchanged, left out or added. */
const drafts = fc
  .uniqueArray(fc.constantFrom(...Object.keys(VALUES)), { maxLength: 3 })
  .chain((names) =>
    fc.record(Object.fromEntries(names.map((name) => [name, VALUES[name] as fc.Arbitrary<unknown>])), {
      requiredKeys: [],
    }),
  )
  .chain((change) =>
    fc.subarray(['id', 'data', 'actor', 'time'], { maxLength: 1 }).map((gone) => {
      const given: Record<string, unknown> = { ...draft(), ...change };
      if (Object.keys(change).length === 0) for (const name of gone) delete given[name];
      return given;
    }),
  );

test('what the check by hand lets through, the schema lets through unchanged', () => {
  let passed = 0;
  fc.assert(
    fc.property(drafts, (given) => {
      if (!isPlainDraft(given)) return;
      passed++;
      const parsed = eventDraftSchema.safeParse(given);
      expect(parsed.success, JSON.stringify(given)).toBe(true);
      expect(parsed.data).toEqual(given);
    }),
    { numRuns: 3000 },
  );
  expect(passed).toBeGreaterThan(300);
});

test('the usual drafts pass the check by hand, so that the schema is not asked', () => {
  const usual = [
    draft(),
    draft({ class: 'traffic', dataref: digest, sealedby: 'default/integration/1' }),
    draft({ actor: 'app:0191e7c2-1111-7222-8333-444455556666', causationid: 'x', correlationid: 'y' }),
    ...['2026-01-31', '2026-02-28', '2026-04-30', '2026-12-29'].map((day) =>
      draft({ time: `${day}T23:59:59.999Z` }),
    ),
  ];
  for (const one of usual) expect(isPlainDraft(one), JSON.stringify(one)).toBe(true);
});
