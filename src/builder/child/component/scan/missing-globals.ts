const WORKER = 'Run the app as `worker`, which has it.';
const orWorker = (instead: string): string => `${instead}, or run the app as \`worker\`, which has it.`;

/** Globals of Node that a component lacks, and members of those that it has, each with what to do. A guard with `typeof` is one's own care. */
export const MISSING_GLOBALS: Readonly<Record<string, string>> = {
  Intl: orWorker('Format by hand'),
  Temporal: orWorker('Use `Date`'),
  WebSocket: orWorker('Use `fetch`, with server-sent events for what comes later'),
  EventSource: orWorker('Read the events from the body of `fetch`'),
  WebAssembly: WORKER,
  SharedArrayBuffer: orWorker('Use `ArrayBuffer`'),
  Atomics: WORKER,
  BroadcastChannel: orWorker('Use `EventTarget`'),
  MessageChannel: orWorker('Use `EventTarget`'),
  PerformanceObserver: orWorker('Use `performance.now()`'),
  URLPattern: orWorker('Use `URL` and a regular expression, or a router'),
  caches: orWorker('Keep answers in a variable'),
  localStorage: 'Keep data in the database of the app API.',
  sessionStorage: 'Keep data in the database of the app API.',
  navigator: WORKER,
  __dirname: 'Import the file: what is imported becomes part of the app.',
  __filename: 'Import the file: what is imported becomes part of the app.',
  'process.exit': 'Take it out: the office starts and ends instances.',
  'process.on': 'Take it out: a component gets no signals, and an error that nobody catches answers 500.',
  'process.once': 'Take it out: a component gets no signals, and an error that nobody catches answers 500.',
  'process.stdout': orWorker('Use `console.log`'),
  'process.stderr': orWorker('Use `console.error`'),
  'process.stdin': WORKER,
  'process.memoryUsage': orWorker('Look at `tabbify top`'),
  'process.cpuUsage': orWorker('Look at `tabbify top`'),
  'process.pid': WORKER,
  'process.chdir': WORKER,
  'crypto.subtle.encrypt': orWorker('Encrypt with a package in JavaScript (`@noble/ciphers`)'),
  'crypto.subtle.decrypt': orWorker('Encrypt with a package in JavaScript (`@noble/ciphers`)'),
  'crypto.subtle.generateKey': orWorker(
    'Make the key with `crypto.getRandomValues` and `crypto.subtle.importKey`',
  ),
  'crypto.subtle.deriveBits': orWorker('Use `hkdf` or `pbkdf2` of node:crypto'),
  'crypto.subtle.deriveKey': orWorker('Use `hkdf` or `pbkdf2` of node:crypto'),
  'crypto.subtle.exportKey': WORKER,
  'crypto.subtle.wrapKey': WORKER,
  'crypto.subtle.unwrapKey': WORKER,
};

/** Calls that do less than in Node, as they stand in the text of a module without types and comments. */
export const POORER_CALLS: readonly {
  readonly pattern: RegExp;
  readonly text: string;
  readonly hint: string;
}[] = [
  {
    pattern:
      /\.(toLocaleString|toLocaleDateString|toLocaleTimeString|toLocaleUpperCase|toLocaleLowerCase)\(\s*(?!\))/g,
    text: 'pays no heed to the language and the options that it is given',
    hint: orWorker('Format by hand'),
  },
];
