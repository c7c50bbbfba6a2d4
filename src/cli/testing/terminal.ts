import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const ROOT = join(import.meta.dirname, '../../..');
/** Longest wait for what is to be on the screen or for the end, on a machine that does much else. */
const PATIENCE_MS = 60_000;

/** A command at a terminal of its own. */
export interface CliTerminal extends AsyncDisposable {
  /** Presses keys: text, or what a terminal sends for a key. */
  type(keys: string): void;
  /** All that was printed, without colours and movements of the cursor. */
  text(): string;
  /** Resolves once that was printed. */
  shows(text: string | RegExp): Promise<void>;
  /** Resolves with the exit code. */
  ended(): Promise<number | null>;
}

export const KEYS = {
  down: '\u001b[B',
  enter: '\r',
  escape: '\u001b',
  /** Ctrl-C */
  interrupt: '\u0003',
  /** Ctrl-D */
  endOfInput: '\u0004',
} as const;

/**
 * Starts a command in a pseudo-terminal, as a person does. `script` of util-linux makes it, which every Debian has; it takes its command
 * as one line for the shell, so that what varies comes through the environment.
 *
 * @param columns width of the terminal
 */
export function openTerminal(
  program: 'tcli' | 'tabbify',
  argv: readonly string[],
  options: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly columns?: number;
  },
): CliTerminal {
  const words = argv.map((_, index) => `"$TEST_WORD_${index}"`).join(' ');
  const line = `stty cols "$TEST_COLUMNS" rows 40 && exec "$TEST_NODE" "$TEST_PROGRAM" ${words}`;
  const child = spawn('script', ['--quiet', '--flush', '--return', '--command', line, '/dev/null'], {
    cwd: options.cwd,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH ?? '',
      TERM: 'xterm',
      LANG: 'C.UTF-8',
      TABBIFY_HOME: join(options.cwd, 'home'),
      ...options.env,
      TEST_COLUMNS: String(options.columns ?? 80),
      TEST_NODE: process.execPath,
      TEST_PROGRAM: join(ROOT, `bin/${program}.mjs`),
      ...Object.fromEntries(argv.map((word, index) => [`TEST_WORD_${index}`, word])),
    },
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  closed.catch(() => {});
  let printed = '';
  let onPrinted = Promise.withResolvers<void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    onPrinted.resolve();
    onPrinted = Promise.withResolvers();
  });
  child.stdin.on('error', () => {}); // it has ended
  const text = () => stripVTControlCharacters(printed).replaceAll('\r', '');
  const late = (what: string) => {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`${what}; it shows:\n${text()}`)), PATIENCE_MS);
    return { promise, [Symbol.dispose]: () => clearTimeout(timer) };
  };
  return {
    type: (keys) => void child.stdin.write(keys),
    text,
    async shows(wanted) {
      using tooLate = late(`${wanted} was not printed`);
      const isThere = () => (typeof wanted === 'string' ? text().includes(wanted) : wanted.test(text()));
      let isOver = false;
      while (!isThere()) {
        if (isOver) throw new Error(`it ended without ${wanted}; it showed:\n${text()}`);
        isOver = await Promise.race([
          onPrinted.promise.then(() => false),
          closed.then(() => true),
          tooLate.promise,
        ]);
      }
    },
    async ended() {
      using tooLate = late('it does not end');
      const [code] = await Promise.race([closed, tooLate.promise]);
      return code;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM'); // the terminal hangs up
      await closed;
    },
  };
}
