import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, it } from 'vitest';
import { transpileComponent } from './transpile.ts';

/** A component whose core module exports its memory under a name of the author's choice; the glue has to name it. */
async function componentNaming(memory: string): Promise<Uint8Array> {
  const name = [...Buffer.from(memory)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  return parse(`(component
    (core module $m
      (memory (export "${name}") 1)
      (func (export "handle") (param i32 i32))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0))
    (core instance $i (instantiate $m))
    (alias core export $i "${name}" (core memory $memory))
    (alias core export $i "realloc" (core func $realloc))
    (func $handle (param "text" string)
      (canon lift (core func $i "handle") (memory $memory) (realloc $realloc)))
    (instance $handler (export "handle" (func $handle)))
    (export "wasi:http/incoming-handler@0.2.10" (instance $handler)))`);
}

/** Runs the glue of a component as a runner would. */
async function run(component: Uint8Array): Promise<void> {
  const { glue, cores } = await transpileComponent(component);
  const { instantiate } = (await import(`data:text/javascript,${encodeURIComponent(glue)}`)) as {
    instantiate(core: (name: string) => unknown, imports: object): Promise<unknown>;
  };
  const { Module } = (
    globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array | undefined) => object } }
  ).WebAssembly;
  await instantiate((name) => new Module(cores.get(name)), {});
}

it('lets a name that is one through', async () => {
  await run(await componentNaming('[memory]of:the/app@1.0#_$x'));
});

it.each([
  ["memory'];globalThis.canary=1;//"],
  ["memory'];globalThis.canary=1;['"],
  ["\\'];globalThis.canary=1;//"],
  ['memory`$'.concat('{globalThis.canary=1}`')],
  ['*/globalThis.canary=1;/*'],
  ['memory"\n;globalThis.canary=1;//'],
  ['memory\u2028globalThis.canary=1'],
])('does not let the name %j become code of the glue', async (name) => {
  const scope = globalThis as { canary?: unknown };
  scope.canary = undefined;
  await expect(run(await componentNaming(name))).rejects.toMatchObject({
    code: 'build_failed',
    what: expect.stringContaining('uses the name'),
  });
  expect(scope.canary).toBeUndefined();
});
