import { expect, test } from 'vitest';
import { type ApiTools, createApi } from './api.ts';

/** Stands for whatever a route takes from its tools before it is asked anything. */
const anything: ApiTools = new Proxy(() => anything, {
  get: (_target, name) => (name === 'extraRoutes' || name === Symbol.toPrimitive ? undefined : anything),
  apply: () => anything,
}) as unknown as ApiTools;

/** Pages for people, the document itself, and the format of manifests. */
const UNDESCRIBED =
  /^(GET \/($|docs$|docs\/|openapi\.json$|tabbify\.schema\.json$|open$)|(GET|POST) \/login$|POST \/logout$)/;

test('every route of the API is described, so that the walks over /openapi.json pass none by', () => {
  const api = createApi(anything);
  const { paths = {} } = api.getOpenAPI31Document({ openapi: '3.1.0', info: { title: '', version: '' } });
  const described = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = api.routes
    .filter(({ path }) => !path.endsWith('*'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(\{[^/]*\})?/g, '{$1}')}`)
    .filter((route) => !UNDESCRIBED.test(route));
  expect(described.length).toBeGreaterThan(20);
  expect([...new Set(served)].filter((route) => !described.includes(route))).toEqual([]);
});
