import type { TabbifyError } from '../../kit/index.ts';
import { builderError } from '../errors.ts';

/** A module that is valid WebAssembly, but uses something whose cost the fuel counter cannot bound. */
export function unsupported(feature: string, why: string): TabbifyError<'build_failed'> {
  return builderError('build_failed', {
    what: `The component uses ${feature}`,
    why,
    hint: 'Compile it without that feature (WebAssembly 2.0 with SIMD and tail calls is supported).',
  });
}

/** Bytes that are not a module at all. */
export function malformed(why: string): TabbifyError<'build_failed'> {
  return builderError('build_failed', {
    what: 'A core module of the component cannot be read',
    why,
    hint: 'Check the file with `wasm-tools validate`, and build it again.',
  });
}
