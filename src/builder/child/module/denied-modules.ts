/**
 * Node's modules that are of no use to an app: the box and Node's permission model refuse all that they are for. `why` ends the
 * sentence "an app …", `instead` says what to do.
 */
export const DENIED_MODULES: ReadonlyMap<string, { readonly why: string; readonly instead: string }> =
  new Map(
    Object.entries({
      child_process: {
        why: 'starts no other programs',
        instead: 'Do it in JavaScript or WebAssembly, with a package, or call another app over HTTP.',
      },
      cluster: {
        why: 'starts no other processes',
        instead:
          'Take it out, and listen at once: the office decides how many instances of an app there are.',
      },
      worker_threads: {
        why: 'starts no threads',
        instead:
          'Do long work in pieces with an `await` between them, or in another app; MessageChannel, BroadcastChannel and structuredClone are there without an import.',
      },
      inspector: {
        why: 'opens no debugger',
        instead: 'Take it out: `tabbify logs` has what the app prints, and the places of its errors.',
      },
      ffi: { why: 'loads no native code', instead: 'Use a package of JavaScript or WebAssembly.' },
      dgram: { why: 'has no network of its own', instead: 'Use fetch, node:http, node:net or node:tls.' },
      wasi: {
        why: 'gives out no files by WASI',
        instead: 'Give the module imports of your own: `new WebAssembly.Instance(module, imports)` works.',
      },
      trace_events: { why: 'writes no traces', instead: 'Take it out, and measure with node:perf_hooks.' },
    }),
  );
