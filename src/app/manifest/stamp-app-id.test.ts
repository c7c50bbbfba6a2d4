import fc from 'fast-check';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { parseManifest, stampAppId } from '../index.ts';

const ID = '019e7903-0000-7000-8000-000000000d03';

test('the id joins the table [app]; comments, order and spacing stay', () => {
  const before = `# My app
[app]  # identity
# what people see
name        = "booking-site"   # a slug
description = "Hugo's barbershop booking"

# how it runs
[runtime]
type="wasm-http"
`;
  const after = stampAppId(before, ID.toUpperCase());
  expect(after).toBe(before.replace('# identity\n', `# identity\nid = "${ID}"\n`));
  expect(stampAppId(after, ID)).toBe(after);
});

test('an id that is there is replaced in its place', () => {
  const before = '[app]\nid   = "0191e7c2-1111-7222-8333-444455556666"  # stamped\nname = "x"\n';
  expect(stampAppId(before, ID)).toBe(before.replace(/0191[0-9a-f-]+/, ID));
});

test.each([
  ['no table at all', '# nothing\n'],
  ['an empty text', ''],
  ['a dotted key', 'app.name = "x" # c\n[runtime]\n'],
  ['an inline table', 'app = { name = "x" } # c\n'],
  ['the service form', '[agent]\nname = "x"\n'],
  ['the table last, without a line end', '[runtime]\n# c\n[app]\nname = "x"'],
  ['windows line ends', '[app]\r\n# c\r\nname = "x"\r\n'],
  ['mixed line ends', '[app]\r\n# c\nname = "x"\r\n'],
  ['a byte order mark', '\ufeff[app]\nname = "x" # c\n'],
  ['a text that looks like a table', '[env]\nA = """\n[app]\n# no comment\n"""\n[app]\nname = "x"\n'],
])('%s takes the id', (_, text) => {
  const stamped = stampAppId(text, ID);
  expect(parse(stamped)).toEqual({ ...parse(text), app: { ...(parse(text).app as object), id: ID } });
  for (const comment of text.match(/# .*/g) ?? []) expect(stamped).toContain(comment.trim());
});

test.each([
  ['broken TOML', '[app\n', /line 1/],
  ['an app that is a value', 'app = 3\n', /must be a table/],
  ['a list of apps', '[[app]]\nname = "x"\n', /must be a table/],
])('%s is refused', (_, text, message) => {
  expect(() => stampAppId(text, ID)).toThrow(
    expect.objectContaining({ code: 'manifest_invalid', message: expect.stringMatching(message) }),
  );
});

test('a text that is no id is refused', () => {
  expect(() => stampAppId('[app]\n', 'hello')).toThrow(expect.objectContaining({ code: 'app_id_invalid' }));
});

test('whatever the manifest, the id is in, the other keys are equal and every comment is there', () => {
  let comments = 0;
  const comment = fc.constant(null).map(() => `# comment ${comments++}`);
  const key = fc.constantFrom('type', 'memory_mb', 'lifecycle', 'entry', 'x_1', '"odd key"');
  const value = fc.constantFrom(
    '"text"',
    '3',
    'true',
    '[1, 2]',
    '["a", # inside\n  "b"]',
    '{ a = 1 }',
    '1.5',
    '"""\na # b\n"""',
    '2024-01-15',
  );
  const row = fc.tuple(value, fc.option(comment)).map(([text, note]) => (note ? `${text} ${note}` : text));
  const table = fc
    .tuple(
      fc.uniqueArray(key, { maxLength: 4 }),
      fc.array(row, { minLength: 4, maxLength: 4 }),
      fc.option(comment),
      fc.boolean(),
    )
    .map(([keys, rows, note, blank]) =>
      [
        ...(note ? [note] : []),
        ...keys.map((name, index) => `${name} = ${rows[index]}`),
        ...(blank ? [''] : []),
      ].join('\n'),
    );
  const document = fc
    .record({
      tables: fc.uniqueArray(fc.constantFrom('app', 'runtime', 'env', 'build'), { maxLength: 4 }),
      bodies: fc.array(table, { minLength: 6, maxLength: 6 }),
      targets: fc.nat({ max: 2 }),
      oldId: fc.boolean(),
      head: fc.option(comment),
    })
    .map(({ tables, bodies, targets, oldId, head }) =>
      [
        ...(head ? [head] : []),
        ...tables.map(
          (name, index) =>
            `[${name}]\n${name === 'app' && oldId ? 'id = "old" # stamped\n' : ''}${bodies[index]}`,
        ),
        ...Array.from({ length: targets }, (_, index) => `[[deploy]]\n${bodies[4 + index]}`),
        '',
      ].join('\n'),
    );
  fc.assert(
    fc.property(document, fc.uuid(), (text, id) => {
      const stamped = stampAppId(text, id);
      const [before, after] = [parse(text), parse(stamped)];
      expect(after).toEqual({ ...before, app: { ...(before.app as object), id } });
      const commentsOf = (source: string) => (source.match(/# .*/g) ?? []).map((found) => found.trim());
      expect(commentsOf(stamped)).toEqual(commentsOf(text));
    }),
    { numRuns: 300 },
  );
});

test('a stamped manifest reads as before, with the id', () => {
  const text = '[app]\nname = "x"\n[build]\nmain = "a.ts"\n';
  const before = parseManifest(text, { file: 'f' }).manifest!;
  const after = parseManifest(stampAppId(text, ID), { file: 'f' }).manifest!;
  expect(after).toEqual({ ...before, app: { ...before.app, id: ID } });
});
