import { expect, test } from 'vitest';
import type { Variant } from '../failure.ts';
import { outgoingTarget } from './outgoing-target.ts';

const asked = (
  authority: string | undefined,
  path?: string,
  scheme?: Variant,
  method: Variant = { tag: 'get' },
) =>
  outgoingTarget({
    method: () => method,
    scheme: () => scheme,
    authority: () => authority,
    pathWithQuery: () => path,
  });

const HTTP = { tag: 'HTTP' };
const URI_INVALID = { error: { tag: 'HTTP-request-URI-invalid' } };

test('where a request goes: https unless it says otherwise, the port of the scheme unless it names one', () => {
  expect(asked('api.example.com', '/a?b')).toEqual({
    method: 'GET',
    isTls: true,
    host: 'api.example.com',
    port: 443,
    authority: 'api.example.com',
    path: '/a?b',
  });
  expect(asked('api.example.com', '/', HTTP)).toMatchObject({ isTls: false, port: 80 });
  expect(asked('api.example.com:8080', '/', HTTP)).toMatchObject({ host: 'api.example.com', port: 8080 });
  expect(asked('[2001:db8::1]:8080')).toMatchObject({ host: '2001:db8::1', port: 8080, path: '/' });
  expect(asked('[2001:db8::1]')).toMatchObject({ host: '2001:db8::1', port: 443 });
});

test('a path is in origin form, or the request is not sent', () => {
  expect(asked('a.example', '')).toMatchObject({ path: '/' });
  expect(asked('a.example', '?q')).toMatchObject({ path: '/?q' });
  expect(asked('a.example', '*', HTTP, { tag: 'options' })).toMatchObject({ path: '*' });
  for (const path of ['*', 'a', 'http://b.example/', '/a b', '/a\r\nx: y', '/\u20ac'])
    expect([path, asked('a.example', path)]).toEqual([path, URI_INVALID]);
});

test('without an authority, or with a scheme that is not HTTP, there is nowhere to go', () => {
  expect(asked(undefined)).toEqual(URI_INVALID);
  expect(asked('a.example', '/', { tag: 'other', val: 'ftp' })).toEqual(URI_INVALID);
});

test('no guest asks another host for a tunnel', () => {
  const invalid = { error: { tag: 'HTTP-request-method-invalid' } };
  expect(asked('a.example', '/', HTTP, { tag: 'connect' })).toEqual(invalid);
  expect(asked('a.example', '/', HTTP, { tag: 'other', val: 'CONNECT' })).toEqual(invalid);
});
