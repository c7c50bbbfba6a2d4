import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Endpoint,
  httpEndpoint,
  isEndpoint,
  parseEndpoint,
  reachOf,
  socketEndpoint,
} from './endpoint.ts';

const port = fc.integer({ min: 0, max: 65_535 });
const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('localhost', 'app.internal'));
const socketPath = fc
  .string({ unit: 'binary', maxLength: 60 })
  .map((name) => `/${name}`)
  .filter((path) => !path.includes('\0') && Buffer.byteLength(path) <= 107);
const endpoint: fc.Arbitrary<Endpoint> = fc.oneof(
  fc.tuple(address, port).map(([host, at]) => httpEndpoint(host, at)),
  socketPath.map(socketEndpoint),
);

describe('an endpoint', () => {
  it('leads to the port it was made of', () => {
    fc.assert(
      fc.property(address, port, (host, at) => {
        const { origin, socketPath: none } = reachOf(httpEndpoint(host, at));
        const expected = new URL(`http://${host.includes(':') ? `[${host}]` : host}:${at}`);
        expect(none).toBeUndefined();
        expect(new URL(origin).href).toBe(expected.href);
      }),
    );
  });

  it('leads to the socket it was made of, whatever its file is called', () => {
    fc.assert(
      fc.property(socketPath, (path) => {
        expect(reachOf(socketEndpoint(path)).socketPath).toBe(path);
      }),
    );
  });

  it('is one text per place: reading it again changes nothing', () => {
    fc.assert(
      fc.property(endpoint, (made) => {
        expect(parseEndpoint(made)).toBe(made);
        expect(isEndpoint(made)).toBe(true);
        expect(parseEndpoint(JSON.parse(JSON.stringify(made)))).toBe(made);
      }),
    );
  });

  it.each([
    ['http://127.0.0.1:41234/', 'http://127.0.0.1:41234'],
    ['HTTP://LOCALHOST:0041', 'http://localhost:41'],
    ['http://[FD5A:1F02:0:0::1]:8730', 'http://[fd5a:1f02::1]:8730'],
    ['unix:/run/a b.sock', 'unix:/run/a%20b.sock'],
    ['unix:/run/%61pp.sock', 'unix:/run/app.sock'],
    ['unix:/run/a?b#c%25.sock', 'unix:/run/a%3Fb%23c%25.sock'],
  ])('%s is read as %s, and is no endpoint before that', (text, canonical) => {
    expect(parseEndpoint(text)).toBe(canonical);
    expect(isEndpoint(text)).toBe(false);
  });

  it.each([
    ['127.0.0.1:41234', 'it begins neither'],
    ['', 'it begins neither'],
    ['https://127.0.0.1:1', 'it begins neither'],
    ['http://user@127.0.0.1:1', 'more than a host and a port'],
    ['http://127.0.0.1:1/path', 'more than a host and a port'],
    ['http://127.0.0.1:1?q', 'more than a host and a port'],
    ['http://127.0.0.1:65536', 'its host or its port is none'],
    ['http://', 'its host or its port is none'],
    ['unix:app.sock', 'not absolute'],
    ['unix:/%zz', 'percent sign'],
    ['unix:/%00', 'no file has such a name'],
    [`unix:/${'ä'.repeat(54)}`, 'longer than 107 bytes'],
  ])('%j is none, and the refusal says why', (text, why) => {
    expect(() => parseEndpoint(text)).toThrow(why);
    expect(isEndpoint(text)).toBe(false);
  });

  it('is not what only resembles one', () => {
    for (const value of [null, undefined, 1, { origin: 'http://localhost' }, ['http://localhost']]) {
      expect(isEndpoint(value)).toBe(false);
    }
  });
});
