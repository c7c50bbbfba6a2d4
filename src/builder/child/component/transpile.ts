import { transpileBytes } from '@bytecodealliance/jco-transpile';
import { messageOf } from '../../../kit/index.ts';
import { builderError } from '../../errors.ts';
import { coreImports } from './core-imports.ts';
import { coreInstances } from './core-instances.ts';
import { refuseUnsafeNames } from './core-names.ts';
import { slimGlue } from './slim-glue.ts';
import { ASYNC_EXPORTS, ASYNC_IMPORTS, notSuspending } from './suspending.ts';
import { unwindOnError } from './unwinding.ts';

/** A component taken apart: JavaScript glue and the core modules it links. */
export interface Transpiled {
  readonly glue: string;
  /** By file name, main module first. */
  readonly cores: ReadonlyMap<string, Uint8Array>;
  /** How often each core module is instantiated, by file name. */
  readonly instances: ReadonlyMap<string, number>;
  /** E.g. `wasi:http/incoming-handler@0.2.10`. */
  readonly handler: string;
}

/**
 * Transpiles a component for our own import object: no shim, suspending by JSPI.
 *
 * @throws TabbifyError `build_failed` when it is no component, exports no HTTP handler, imports what no app gets or has
 * names that could become code; `build_broken` when the glue would not suspend where the host waits
 */
export async function transpileComponent(component: Uint8Array): Promise<Transpiled> {
  const { files, imports, exports } = await transpileBytes(component, {
    name: 'app',
    instantiation: 'async',
    emitTypescriptDeclarations: false,
    asyncMode: 'jspi',
    asyncImports: [...ASYNC_IMPORTS],
    asyncExports: [...ASYNC_EXPORTS],
    minify: false, // done below, better
  }).catch((error: unknown) => {
    throw builderError('build_failed', {
      what: 'The component cannot be read',
      why: messageOf(error).slice(0, 2000),
      hint: 'Check it with `wasm-tools validate`, and build it again.',
      cause: error,
    });
  });
  refuseForeignImports(imports);
  const handler = handlerOf(exports.map(([name]) => name));

  const written = files['app.js'];
  if (written === undefined) throw new Error('the transpiler made no app.js');
  const cores = new Map(
    Object.entries(files)
      .filter(([name]) => name.endsWith('.wasm'))
      .sort(([left], [right]) => left.localeCompare(right, 'en', { numeric: true })),
  );
  refuseUnsafeNames(cores.values());
  const glue = new TextDecoder().decode(written);
  const lost = notSuspending(glue, coreImports(cores.values()));
  if (lost.length > 0) {
    throw builderError('build_broken', {
      what: 'The component was not made suspendable',
      why: `the transpiler left ${lost.join(', ')} synchronous`,
      hint: 'Report this with the version of WASI the component was built for.',
    });
  }
  const instances = coreInstances(glue, cores.keys());
  return { glue: await slimGlue(unwindOnError(glue)), cores, instances, handler };
}

function handlerOf(names: readonly string[]): string {
  const handler = names.find((name) => /^wasi:http\/incoming-handler@0\.2\.\d+$/.test(name));
  if (handler !== undefined) return handler;
  throw builderError('build_failed', {
    what: 'The component answers no HTTP requests',
    why: `it exports ${names.length === 0 ? 'nothing' : names.join(', ')}, and not wasi:http/incoming-handler@0.2`,
    hint: 'Build it for the world `wasi:http/proxy` of WASI 0.2.',
  });
}

function refuseForeignImports(imports: readonly string[]): void {
  const foreign = imports.filter(
    (name) => !/^wasi:(cli|clocks|filesystem|http|io|random|sockets)\//.test(name),
  );
  if (foreign.length === 0) return;
  throw builderError('build_failed', {
    what: `The component imports ${foreign.join(', ')}`,
    why: 'an app gets the interfaces of WASI 0.2 only',
    hint: 'Link that dependency into the component (`wac plug`), or build without it.',
  });
}
