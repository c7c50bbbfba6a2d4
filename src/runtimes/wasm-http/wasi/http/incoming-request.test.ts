import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { Guest } from '../../guest.ts';
import { Fields } from './fields.ts';
import { IncomingRequest } from './incoming-request.ts';

const HEAD = ':tabbify-head';

function requestOf(url: string, rawHeaders: string[], headers: Record<string, string>): IncomingRequest {
  const message = { method: 'PUT', url, rawHeaders, headers };
  return new IncomingRequest(new Guest(1e9), message as unknown as IncomingMessage);
}

test('all of a head in one piece is what its parts are, byte by byte', () => {
  const request = requestOf('/a?b=ä', ['Host', 'app.test', 'X-Name', 'Zoë', 'Empty', ''], {
    host: 'app.test',
    'x-forwarded-proto': 'https',
  });
  const fields = request.headers();
  const parts = fields.entries().flatMap(([name, value]) => [name, Buffer.from(value).toString('latin1')]);
  const [head] = fields.get(HEAD);
  const url = `https://${request.authority()}${request.pathWithQuery()}`;
  expect(Buffer.from(head ?? []).toString('latin1')).toBe(['PUT', url, ...parts].join('\n'));
  expect(url).toBe('https://app.test/a?b=ä');
  expect(parts).toContain('Zoë');
  expect(fields.entries().map(([name]) => name)).not.toContain(HEAD);
});

test('nobody else has it: no copy of the fields, and none that a guest or a visitor makes', () => {
  const guest = new Guest(1e9);
  expect(requestOf('/', [], {}).headers().clone().get(HEAD)).toEqual([]);
  expect(Fields.fixed(guest, []).get(HEAD)).toEqual([]);
  expect(() => Fields.made(guest, [[HEAD, Buffer.from('x')]])).toThrow();
});
