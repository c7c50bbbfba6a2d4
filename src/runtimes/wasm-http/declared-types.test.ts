import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, test } from 'vitest';
import { buildComponentArtifact } from '../testing/component-artifact.ts';
import { serveApp } from '../testing/served-app.ts';
import { wasmHttpRuntime } from './wasm-http-runtime.ts';

/*
 * A component declares the types of what it imports, and nobody checks them against WASI's. These components declare others,
 * to get more of the host's objects than the interface shows.
 */

/**
 * A component that asks for the request's fields and calls one method of them.
 *
 * @param method its declaration; `$fields` is their type
 * @param lowered its core type after `i32`, the handle
 * @param call of `$method` with the handle in local 2
 */
async function componentCalling(
  name: string,
  type: string,
  lowered: string,
  call: string,
): Promise<Uint8Array> {
  return parse(`(component
    (import "wasi:http/types@0.2.10" (instance $types
      (export "fields" (type $fields (sub resource)))
      (export "incoming-request" (type $request (sub resource)))
      (export "response-outparam" (type $out (sub resource)))
      (export "[method]incoming-request.headers" (func (param "self" (borrow $request)) (result (own $fields))))
      (export "[method]fields.${name}" (func (param "self" (borrow $fields)) ${type}))))
    (alias export $types "incoming-request" (type $request))
    (alias export $types "response-outparam" (type $out))
    (core module $memory
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
    (core instance $memory (instantiate $memory))
    (core func $headers (canon lower (func $types "[method]incoming-request.headers")))
    (core func $method (canon lower (func $types "[method]fields.${name}")
      (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
    (core module $program
      (import "host" "headers" (func $headers (param i32) (result i32)))
      (import "host" "method" (func $method (param i32 ${lowered})))
      (func (export "handle") (param i32 i32) (local i32)
        (local.set 2 (call $headers (local.get 0)))
        ${call}))
    (core instance $program (instantiate $program
      (with "host" (instance (export "headers" (func $headers)) (export "method" (func $method))))))
    (func $handle (param "request" (own $request)) (param "out" (own $out))
      (canon lift (core func $program "handle")))
    (instance $handler (export "handle" (func $handle)))
    (export "wasi:http/incoming-handler@0.2.10" (instance $handler)))`);
}

/** What a visitor of the component is told; `app_no_response` means that the call came back. */
async function codeOf(component: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'declared-types-'));
  try {
    const file = join(folder, 'app.wasm');
    await writeFile(file, component);
    await using artifact = await buildComponentArtifact(file);
    await using served = await serveApp(wasmHttpRuntime, { artifactDir: artifact.dir });
    const answer = await fetch(served.url);
    return ((await answer.json()) as { code: string }).code;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('with the types of WASI the call comes back', async () => {
  const asItIs = await componentCalling(
    'entries',
    '(result (list (tuple string (list u8))))',
    'i32',
    '(call $method (local.get 2) (i32.const 64))',
  );
  expect(await codeOf(asItIs)).toBe('app_no_response');
});

test('lists declared with wider elements show nothing that lies behind them in the memory of the host', async () => {
  const wider = await componentCalling(
    'entries',
    '(result (list (tuple string (list u64))))',
    'i32',
    '(call $method (local.get 2) (i32.const 64))',
  );
  expect(await codeOf(wider)).toBe('app_trapped');
});

test.each(['release', 'hold-resource', 'weigh', 'add', 'guest', 'constructor'])(
  'what the host has besides the interface cannot be called: %s',
  async (name) => {
    const call = await componentCalling(name, '', '', '(call $method (local.get 2))');
    expect(await codeOf(call)).toBe('app_trapped');
  },
);
