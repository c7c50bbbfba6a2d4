import { fileURLToPath } from 'node:url';
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools';

const WIT = fileURLToPath(new URL('./wit', import.meta.url));

/** A component for the builder's own world from the text of its core module's fields. */
export async function componentOf(coreFields: string): Promise<Uint8Array> {
  const core = await parse(`(module ${coreFields})`);
  const embedded = await componentEmbed({ binary: core, witPath: WIT, world: 'app' });
  return componentNew(embedded, []);
}

/** A handler that waits for a pollable before it does nothing, so that its glue has to suspend. */
export const WAITING_HANDLER = `
  (import "wasi:io/poll@0.2.10" "[method]pollable.block" (func $block (param i32)))
  (memory (export "memory") 1)
  (global (mut i32) (i32.const 0))
  (func (export "wasi:http/incoming-handler@0.2.10#handle") (param i32 i32) (call $block (local.get 0)))`;
