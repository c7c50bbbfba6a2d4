import { getRequestListener } from '@hono/node-server';
import { transformSync } from 'esbuild';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { faceOf } from './handler-face.ts';

const functionOf = (source: string) => new Function('app', 'handle', `return (${source})`)() as never;

/** As people and models write them. */
const CASES: readonly [string, string | null][] = [
  ['(req, res) => res.end("hi")', 'node'],
  ['(req, res) => { res.writeHead(200, { a: "b" }); res.end(JSON.stringify({})); }', 'node'],
  ['async (req, res) => { const body = await handle(req); res.setHeader("a", "b").end(body); }', 'node'],
  ['async function handler(req, res) { res.status(200).json({ ok: true }); }', 'node'],
  ['function (request, response) { response.statusCode = 404; response.end(); }', 'node'],
  ['(request, response) => request.pipe(response)', 'node'],
  ['(a, b) => handle().pipe(b)', 'node'],
  ['(a, b) => { a.on("data", () => {}); handle(b); }', 'node'],
  ['(req, res) => app(req, res)', 'node'],
  [
    '(req, res) => { fetch("http://a").then((r) => new Response(r.body).text()).then((t) => res.end(t)); }',
    'node',
  ],
  ['(req, res, next) => { if (req.url === "/") res.end("x"); else next(); }', 'node'],
  ['(_req, res) => handle(res)', 'node'],
  ['async (request, env) => new Response("hi " + env.NAME)', 'fetch'],
  ['async function (request, env) { return handle(request, env); }', 'fetch'],
  ['async (req, env, ctx) => { ctx.waitUntil(handle()); return Response.json({}); }', 'fetch'],
  ['function fetch(request, context) { return handle(request); }', 'fetch'],
  ['async (request, { NAME }) => handle(request, NAME)', 'fetch'],
  ['async (a, b) => handle(await a.json(), b.API_KEY)', 'fetch'],
  ['async (a, b) => handle(a.headers.get("accept"), b)', 'fetch'],
  ['async (a, b) => handle(new URL(a.url).pathname, b)', 'fetch'],
  ['async (req, info) => new Response(req.url)', 'fetch'],
  ['async (a, b = {}) => 1', 'fetch'],
  ['(a) => handle(a)', 'fetch'],
  ['() => handle()', 'fetch'],
  ['(a, b) => handle(a, b)', null],
  ['handle2 = ((a, b) => {}).bind(null)', null],
  ['(...args) => app(...args)', 'fetch'],
];

describe('what a function takes', () => {
  it.each(CASES)('%s', (source, face) => {
    expect(faceOf(functionOf(source))).toBe(face);
  });

  it('is told of what a minifier has left of it, but where its names were all it had', () => {
    for (const [source, face] of CASES) {
      const { code } = transformSync(`export default ${source.replace('handle2 = ', '')}`, { minify: true });
      const short = functionOf(code.replace(/^.*?export default ?|;\s*$/g, ''));
      expect([null, face]).toContainEqual(faceOf(short));
    }
    const minified = transformSync('export default (req, res) => { res.setHeader("a", "b"); res.end(); }', {
      minify: true,
    });
    expect(faceOf(functionOf(minified.code.replace(/^export default|;\s*$/g, '')))).toBe('node');
  });

  it('is (req, res) of an app with the methods of Express or Connect, whatever its text says', () => {
    const app = () => {};
    expect(faceOf(Object.assign(app, { handle() {}, use() {} }) as never)).toBe('node');
    const express = (_a: unknown, _b: unknown, _c: unknown) => new Response();
    expect(faceOf(Object.assign(express, { handle() {}, listen() {} }) as never)).toBe('node');
  });

  it('is told of what packages make', () => {
    const app = new Hono();
    expect(faceOf(getRequestListener(app.fetch, { overrideGlobalObjects: false }) as never)).toBe('node');
    expect(faceOf(app.fetch as never)).toBe('fetch');
  });
});
