/** Why a component lacks one of Node's modules, as the end of "the app is built as wasm-http, which …", and what to use instead. */
export interface RefusedModule {
  readonly why: string;
  /** Without the way that helps with all of them: to run the app as `worker`. */
  readonly instead: string;
}

const FILES: RefusedModule = {
  why: 'has no files',
  instead: 'Import what the app reads (JSON, text, bytes become part of it), and keep data in a database.',
};
const CONNECTIONS: RefusedModule = { why: 'has no sockets', instead: 'Use `fetch`.' };
const SERVER: RefusedModule = {
  why: 'opens no server and has no sockets',
  instead: 'Answer with `export default { fetch(request) { … } }`, and call others with `fetch`.',
};
const PROCESSES: RefusedModule = {
  why: 'starts no other programs',
  instead: 'Do it in JavaScript, or call another app over HTTP.',
};
const THREADS: RefusedModule = {
  why: 'has no threads',
  instead: 'Do long work in pieces with an `await` between them, or in another app.',
};
const ENGINE: RefusedModule = {
  why: 'runs on another engine than Node',
  instead: 'Take it out.',
};
const NAMES: RefusedModule = { why: 'looks up no names', instead: 'Use `fetch` with the name itself.' };
const TESTS: RefusedModule = { why: 'runs no tests', instead: 'Keep tests out of what the app imports.' };
const TERMINAL: RefusedModule = { why: 'has no terminal', instead: 'Write with `console.log`.' };

const ONLY_WORKER: RefusedModule = { why: 'does not have it', instead: '' };

const REFUSED: ReadonlyMap<string, RefusedModule> = new Map(
  Object.entries({
    assert: {
      why: 'does not have it',
      instead: 'Write `if (!ok) throw new Error("…")`.',
    },
    async_hooks: {
      why: 'cannot follow a request through its promises',
      instead: 'Hand on what is needed as an argument (in Hono `c.set` and `c.get`).',
    },
    child_process: PROCESSES,
    cluster: PROCESSES,
    console: { why: 'does not have it as a module', instead: 'Use the global `console`.' },
    dgram: CONNECTIONS,
    dns: NAMES,
    ffi: { why: 'loads no native code', instead: 'Use a package of JavaScript.' },
    fs: FILES,
    http: SERVER,
    http2: SERVER,
    https: SERVER,
    inspector: ENGINE,
    module: { why: 'loads no modules while it runs', instead: 'Import them: they become part of the app.' },
    net: CONNECTIONS,
    os: { why: 'has no operating system to ask', instead: 'Write what is needed, e.g. "\\n" for `EOL`.' },
    path: { why: 'has paths of POSIX alone', instead: 'Use node:path.' },
    perf_hooks: { why: 'does not have it as a module', instead: 'Use the global `performance.now()`.' },
    punycode: { why: 'does not have it', instead: 'Use `new URL(…).hostname`, or the package `punycode`.' },
    readline: TERMINAL,
    repl: TERMINAL,
    sqlite: { why: 'has no files', instead: 'Keep data in the database of the app API.' },
    stream: {
      why: 'has web streams as globals',
      instead: 'Use the global `ReadableStream`, `WritableStream` and `TransformStream`.',
    },
    sys: { why: 'does not have it', instead: 'Use node:util.' },
    test: TESTS,
    tls: CONNECTIONS,
    tty: TERMINAL,
    v8: ENGINE,
    vm: { why: 'has no other contexts', instead: 'Use `new Function(…)`, which runs in the app itself.' },
    wasi: { why: 'has no WebAssembly of its own', instead: 'Use JavaScript.' },
    worker_threads: THREADS,
    zlib: {
      why: 'compresses with web streams',
      instead:
        'Use the globals `CompressionStream` and `DecompressionStream` ("gzip", "deflate", "deflate-raw").',
    },
  }),
);

/** @param name of a module of Node without `node:`, e.g. `fs/promises` */
export function refusedModule(name: string): RefusedModule {
  return REFUSED.get(name.split('/')[0] ?? name) ?? ONLY_WORKER;
}

/** Says no to a module of Node: what is told where it is imported, and what to do. */
export function refusalOf(specifier: string): { readonly text: string; readonly hint: string } {
  const { why, instead } = refusedModule(specifier.replace(/^node:/, ''));
  const worker =
    'Or run the app as `worker`, which has it: leave `runtime.type` out of tabbify.toml, or set it to "worker".';
  return {
    text: `"${specifier}" is not there: the app is built as wasm-http, which ${why}`,
    hint: instead === '' ? worker.replace('Or run', 'Run') : `${instead} ${worker}`,
  };
}
