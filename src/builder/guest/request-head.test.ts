import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exchange } from './memory-wasi.fixture.ts';
import { readHead } from './request-head.ts';

/** One character per byte, as `Headers` have them. */
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('readHead', () => {
  test('reads in one piece what it reads part by part', () => {
    const name = fc.stringMatching(/^x-[a-z0-9-]{1,12}$/);
    // bytes that a field may have (RFC 9110 §5.5), without blanks around, which a host takes off
    const value = fc.stringMatching(/^(?:[!-~\x80-\xff](?:[ !-~\x80-\xff]{0,40}[!-~\x80-\xff])?)?$/);
    const path = fc.webPath().map((text) => `/${text.replace(/^\/+/, '')}`);
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'POST', 'PROPFIND', 'a method'),
        path,
        fc.array(fc.tuple(name, value), { maxLength: 12 }),
        (method, path, pairs) => {
          const headers = pairs.map(([key, text]) => [key, latin1(text)] as const);
          const head = latin1([method, `http://app.test${path}`, ...pairs.flat()].join('\n'));
          const apart = exchange({ method, path, headers });
          const whole = exchange({ method, path, headers: [['not', 'asked']], head });
          const [one, other] = [readHead(apart.incoming), readHead(whole.incoming)];
          expect({ ...other, headers: [...other.headers] }).toEqual({ ...one, headers: [...one.headers] });
          expect([apart.held.get('fields'), whole.held.get('fields')]).toEqual([undefined, undefined]);
        },
      ),
    );
  });

  test('reads one of many bytes', () => {
    const long = 'a'.repeat(100_000);
    const { incoming } = exchange({ head: latin1(['GET', 'http://app.test/', 'x-long', long].join('\n')) });
    expect(readHead(incoming).headers.get('x-long')).toBe(long);
  });
});
