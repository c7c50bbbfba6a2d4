import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { explainEnd } from './cell-end.ts';

/** What Node itself writes at its end. */
function lastLines(program: string): string[] {
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: {},
  });
  return stderr
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-40);
}

const wordsOf = (lines: readonly string[]) => {
  const end = explainEnd({ code: 1, signal: null, cause: 'exit' } as never, null, lines, null);
  return end.kind === 'exit' ? /last words: (.*)$/.exec(end.exit.reason)?.[1] : end.kind;
};

test.each([
  [`throw new RangeError('too far')`, 'RangeError: too far'],
  [
    `setTimeout(() => { throw Object.assign(new Error('with fields'), { code: 'E_X', port: 3000 }) })`,
    'Error: with fields',
  ],
  [`Promise.reject(new TypeError('rejected'))`, 'TypeError: rejected'],
  [
    `Promise.reject({ code: 7 })`,
    /^UnhandledPromiseRejection: This error originated .* reason "#<Object>"\.$/,
  ],
  [
    `import { EventEmitter } from 'node:events'; new EventEmitter().emit('error', new Error('nobody listens'))`,
    'Error: nobody listens',
  ],
  [
    `import net from 'node:net'; class Own extends Error { name = 'Own'; } net.createServer().emit('error', Object.assign(new Own('port'), { code: 'EADDRINUSE' }))`,
    'Own: port',
  ],
  [
    `import fs from 'node:fs'; fs.readFileSync('/nowhere')`,
    /^Error: ENOENT: no such file or directory, open '\/nowhere'$/,
  ],
  [`const one = 1; one = 2;`, 'TypeError: Assignment to constant variable.'],
  [`import 'node:nothing'`, /^Error \[ERR_UNKNOWN_BUILTIN_MODULE\]: No such built-in module: node:nothing$/],
  [`throw new Error('cause above', { cause: new Error('below') })`, 'Error: cause above'],
  [`console.error('Note: this is fine'); console.error('good bye'); process.exit(1)`, 'good bye'],
  [`process.exit(1)`, undefined],
])('tells an end by the line that says most of it: %s', (program, words) => {
  const found = wordsOf(lastLines(program));
  if (words instanceof RegExp) expect(found).toMatch(words);
  else expect(found).toBe(words);
});
