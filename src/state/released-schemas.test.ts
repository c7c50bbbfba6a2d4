import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { domainTypes } from './registry.ts';
import {
  complaintOf,
  differenceOf,
  type ReleasedSchemas,
  recordOf,
  schemasOf,
} from './testing/released-schemas.ts';

const RECORD = '../../test/histories/released-schemas.json';
const released: ReleasedSchemas = JSON.parse(readFileSync(new URL(RECORD, import.meta.url), 'utf8'));
const current = schemasOf(domainTypes);

test('no released schema was edited or removed; `-u` does not make it so', () => {
  expect(complaintOf(differenceOf(released, current))).toBeNull();
});

test('every schema is on record; `-u` writes down those that are new', async () => {
  await expect(recordOf(released, current)).toMatchFileSnapshot(RECORD);
});

test('an edited registry is complained about, and its record stays what was released', () => {
  const edited = schemasOf({
    ...domainTypes,
    app_stopped: {
      ...domainTypes.app_stopped,
      newest: z.strictObject({ app: z.uuid(), generation: z.int().min(0), reason: z.string() }),
    },
  });
  const difference = differenceOf(released, edited);
  expect(difference).toEqual({ changed: ['app_stopped/1'], removed: [], added: [] });
  expect(complaintOf(difference)).toMatch(
    /^app_stopped\/1 was released and has been edited\..*add schema n\+1/,
  );
  expect(JSON.parse(recordOf(released, edited))).toEqual(released);
});

test('a type or an earlier schema that is gone is complained about, and stays on record', () => {
  const { app_crashed: _, ...fewer } = domainTypes;
  const gone = schemasOf({
    ...(fewer as typeof domainTypes),
    credential_issued: { ...domainTypes.credential_issued, earlier: [] },
  });
  const difference = differenceOf(released, gone);
  expect(difference.removed).toEqual(['app_crashed/1', 'credential_issued/2']);
  expect(difference.changed).toEqual(['credential_issued/1']);
  expect(complaintOf(difference)).toContain('app_crashed/1 was released and is gone');
  expect(JSON.parse(recordOf(released, gone))).toEqual(released);
});

test('a schema n+1 beside the released ones is new, and no complaint', () => {
  const { app_stopped } = domainTypes;
  const grown = schemasOf({
    ...domainTypes,
    app_stopped: { ...app_stopped, earlier: [{ data: app_stopped.newest, upcast: (data) => data }] },
  });
  const difference = differenceOf(released, grown);
  expect(difference).toEqual({ changed: [], removed: [], added: ['app_stopped/2'] });
  expect(complaintOf(difference)).toBeNull();
  expect(JSON.parse(recordOf(released, grown))).toHaveProperty(['app_stopped/2']);
});

test('other words about a field are no edit, and a field may be called description', () => {
  const described = (words: string, name = 'description') =>
    schemasOf({
      ...domainTypes,
      app_stopped: {
        ...domainTypes.app_stopped,
        newest: z.strictObject({ [name]: z.string().describe(words) }) as never,
      },
    });
  expect(differenceOf(described('one'), described('other')).changed).toEqual([]);
  expect(differenceOf(described('one'), described('one', 'summary')).changed).toEqual(['app_stopped/1']);
});
