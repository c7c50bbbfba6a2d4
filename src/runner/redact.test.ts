import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSink } from '../runtimes/testing/index.ts';
import { redacting } from './redact.ts';

const given = (name: string, value: string | Buffer) =>
  ({ name, env_var: 'X', kind: 'token', value: Buffer.from(value).toString('base64') }) as const;

test('a value is hidden wherever it stands in a line, under its name, as often as it stands there', () => {
  const { text } = redacting([given('key', 'sk-123456789'), given('short', 'hunter2')]);
  expect(text('GET /?k=sk-123456789&again=sk-123456789 hunter2')).toBe(
    'GET /?k=[redacted:key]&again=[redacted:key] hunter2',
  );
  expect(text('$& sk-12345678')).toBe('$& sk-12345678');
});

test('the longer one is hidden first where one value is part of another', () => {
  const { text } = redacting([given('part', 'abcdefghijkl'), given('whole', 'xxabcdefghijklyy')]);
  expect(text('xxabcdefghijklyy abcdefghijkl')).toBe('[redacted:whole] [redacted:part]');
});

test('of a value with lines each is hidden that is long enough, also as JSON writes it', () => {
  const pem = '-----BEGIN X-----\r\nMIIBVgIBADANBg\r\nshort\n  kqhkiG9w0BAQEFAA  \n';
  const { text } = redacting([given('pem', pem), given('quoted', 'say "hello" and \\ go')]);
  for (const line of ['-----BEGIN X-----', 'x MIIBVgIBADANBg', 'kqhkiG9w0BAQEFAA'])
    expect(text(line)).toContain('[redacted:pem]');
  expect(text('short')).toBe('short');
  expect(text(JSON.stringify({ pem }))).toBe('{"pem":"[redacted:pem]"}');
  expect(text(JSON.stringify({ a: 'say "hello" and \\ go' }))).toBe('{"a":"[redacted:quoted]"}');
});

test('without a value that is long enough a line is the line', () => {
  const { line, text } = redacting([given('short', '12345678901'), given('binary', Buffer.from([0xff, 0]))]);
  expect([line('stdout', '12345678901'), text('12345678901')]).toEqual(['12345678901', '12345678901']);
});

test('a value is hidden however what the app writes is cut into lines and writes', () => {
  const value = 'Zk3q-secret-value-of-the-app-9fW2';
  fc.assert(
    fc.property(
      fc.integer({ min: 8_100, max: 8_260 }),
      fc.array(fc.integer({ min: 1, max: 9_000 }), { maxLength: 6 }),
      fc.constantFrom('x', 'ö', 'Z', 'Zk3q-', '€'),
      (before, cuts, fill) => {
        const redactor = redacting([given('key', value), given('pre', 'Zk3q-secret-other')]);
        const lines: string[] = [];
        const sink = new LineSink((line) => lines.push(redactor.line('stdout', line)));
        const filling = Buffer.from(fill.repeat(before)).subarray(0, before);
        let rest = Buffer.concat([filling, Buffer.from(`${value} and so on\n`)]);
        for (const cut of cuts) {
          sink.write(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        sink.write(rest);
        sink.flush();
        const out = lines.join('');
        expect(out).toContain('[redacted:');
        for (let from = 0; from + 12 <= value.length; from++)
          expect(out.includes(value.slice(from, from + 12))).toBe(false);
      },
    ),
    { numRuns: 300 },
  );
});
