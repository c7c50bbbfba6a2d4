import { builderError } from '../errors.ts';

/** What is run where package.json names no script: node finds these by itself. */
const DEFAULT_FILES = '**/*.test.{ts,js,mjs}';

/** Characters with which a shell does more than start one program. */
const OF_SHELLS = /[;&|<>()$`\\\n]/;

/** A program of the tests, and what it is given. */
export interface TestCommand {
  /** `node`, or a program of a package. */
  readonly program: string;
  readonly args: readonly string[];
  /** Set before the program in the script. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The `test` script of an app as a program and its arguments: there is no shell in the box. Without one, `node --test`.
 *
 * @param more arguments behind those of the script
 * @throws TabbifyError `build_failed` for a script that needs a shell
 */
export function testCommand(script: string | null, more: readonly string[]): TestCommand {
  if (script === null) {
    const files = more.every((each) => each.startsWith('-')) ? [DEFAULT_FILES] : [];
    return { program: 'node', args: ['--test', ...more, ...files], env: {} };
  }
  const words = wordsOf(script);
  const env: Record<string, string> = {};
  for (let word = words[0]; word !== undefined; word = words[0]) {
    const [, name, value = ''] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
    if (name === undefined) break;
    env[name] = value;
    words.shift();
  }
  if (words[0] === 'npx') words.shift();
  const [program, ...args] = words;
  if (program === undefined) throw needsShell(script, 'it names no program');
  return { program, args: [...args, ...more], env };
}

/** Words between blanks; quotes hold blanks together. */
function wordsOf(script: string): string[] {
  const words: string[] = [];
  let rest = script.trim();
  while (rest !== '') {
    const word = /^(?:[^\s'"]|'[^']*'|"[^"]*")+/.exec(rest)?.[0];
    if (word === undefined) throw needsShell(script, 'a quote is not closed');
    const parts = word.match(/[^'"]+|'[^']*'|"[^"]*"/g) ?? [];
    for (const part of parts) {
      const taken = part.startsWith("'") ? '' : part; // nothing is special in single quotes
      if (OF_SHELLS.test(taken))
        throw needsShell(script, `\`${OF_SHELLS.exec(taken)?.[0]}\` means something to a shell alone`);
    }
    words.push(parts.map((part) => (/^['"]/.test(part) ? part.slice(1, -1) : part)).join(''));
    rest = rest.slice(word.length).trimStart();
  }
  return words;
}

function needsShell(script: string, why: string) {
  return builderError('build_failed', {
    what: `The \`test\` script of package.json cannot be run: ${script.slice(0, 200)}`,
    why: `${why}, and there is none in the sandbox of the tests`,
    hint: 'Let it start one program, e.g. `node --test` or `vitest run`.',
  });
}
