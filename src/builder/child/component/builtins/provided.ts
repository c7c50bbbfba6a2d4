/** How one of Node's modules is made of what the engine has and well-kept ports. */
export interface ProvidedModule {
  /** File below `guest/node/`, without its ending. */
  readonly file: string;
  /** The member that the module itself is, for those that are a function or a class. */
  readonly is?: string;
  /** What to do about a member that it lacks; default: run the app as `worker`. */
  readonly instead?: Readonly<Record<string, string>>;
}

const AS_WORKER = 'Run the app as `worker`, which has it.';
const ENCRYPTION =
  'Encrypt with a package in JavaScript (`@noble/ciphers`), or run the app as `worker`, which has it.';
const KEYS =
  'Sign with `crypto.subtle.sign` or a package in JavaScript (`jose`, `@noble/curves`), or run the app as `worker`, which has it.';
const SLOW_HASH = 'The engine is too slow for it: run the app as `worker`, which has it.';

const CRYPTO: Readonly<Record<string, string>> = {
  createCipheriv: ENCRYPTION,
  createDecipheriv: ENCRYPTION,
  createSign: KEYS,
  createVerify: KEYS,
  sign: KEYS,
  verify: KEYS,
  scrypt: SLOW_HASH,
  scryptSync: SLOW_HASH,
  argon2: SLOW_HASH,
  argon2Sync: SLOW_HASH,
};

/** Node's modules that a component has, by name without `node:`. */
export const PROVIDED_MODULES: ReadonlyMap<string, ProvidedModule> = new Map(
  Object.entries({
    buffer: { file: 'buffer' },
    crypto: { file: 'crypto', instead: CRYPTO },
    events: {
      file: 'events',
      is: 'EventEmitter',
      instead: { on: 'Use `emitter.on` or `once`, or run the app as `worker`, which has it.' },
    },
    path: { file: 'path', is: 'posix' },
    'path/posix': { file: 'path', is: 'posix' },
    process: { file: 'process' },
    querystring: { file: 'querystring' },
    stream: { file: 'stream', is: 'Stream' },
    'stream/promises': { file: 'stream-promises' },
    string_decoder: { file: 'string-decoder' },
    timers: { file: 'timers' },
    'timers/promises': { file: 'timers-promises' },
    url: { file: 'url' },
    util: {
      file: 'util',
      instead: { isDeepStrictEqual: 'Use a package (`fast-deep-equal`), or run the app as `worker`.' },
    },
    'util/types': { file: 'util-types' },
  } satisfies Record<string, ProvidedModule>),
);

/** What to do about a member of a provided module that a component lacks. */
export function insteadOfMember(module: string, member: string): string {
  return PROVIDED_MODULES.get(module)?.instead?.[member] ?? AS_WORKER;
}
