import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../app-folder.fixture.ts';
import { type Memory, wasm } from '../../wasm/webassembly.fixture.ts';
import { transpileComponent } from './transpile.ts';
import { writeArtifact } from './write-artifact.ts';

/** A component that instantiates one core module several times. */
async function componentOf(fields: string, instances: number): Promise<Uint8Array> {
  const more = Array.from({ length: instances - 1 }, () => '(core instance (instantiate $m))').join(' ');
  return parse(`(component
    (core module $m ${fields} (func (export "handle")))
    (core instance $i (instantiate $m)) ${more}
    (func $handle (canon lift (core func $i "handle")))
    (instance $handler (export "handle" (func $handle)))
    (export "wasi:http/incoming-handler@0.2.10" (instance $handler)))`);
}

/** Writes the artifact of a component that may have 4 MiB. @returns its core module */
async function coreOf(component: Uint8Array): Promise<Uint8Array> {
  await using folder = await temporaryFolder();
  await writeArtifact(folder.path, { ...(await transpileComponent(component)), map: null }, 4);
  return readFile(join(folder.path, 'app.core.wasm'));
}

it.each([
  [1, 64],
  [4, 16],
])('a module that is instantiated %i times gets its share of the memory each time', async (times, pages) => {
  const core = await coreOf(await componentOf('(memory 1)', times));
  const { exports } = new wasm.Instance(new wasm.Module(core), {});
  const memory = exports.$m0 as Memory & { grow(pages: number): number };
  expect(memory.grow(pages - 1)).toBe(1);
  expect(() => memory.grow(1)).toThrow(RangeError);
});

it('refuses what needs more than its share from the start', async () => {
  await expect(coreOf(await componentOf('(memory 33)', 2))).rejects.toMatchObject({ code: 'build_failed' });
});

it.each([
  ['many tables', '(table 400000 funcref) (table 400000 funcref) (table 400000 funcref)', 1],
  ['many instances of one with a table', '(table 400000 funcref)', 3],
])('refuses large tables in %s, since they lie outside the memory', async (_name, fields, times) => {
  await expect(coreOf(await componentOf(fields, times))).rejects.toMatchObject({
    code: 'build_failed',
    what: expect.stringContaining('table'),
  });
});

it('refuses more instances than their fuel could be answered for', async () => {
  await expect(coreOf(await componentOf('', 101))).rejects.toMatchObject({
    what: expect.stringContaining('101 core instances'),
  });
});

it('blames the component, not the platform, for what the engine does not take', async () => {
  const wide = '(func (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1)))';
  await expect(coreOf(await componentOf(wide, 1))).rejects.toMatchObject({
    code: 'build_failed',
    why: expect.stringContaining('invalid numeric opcode'),
  });
});
