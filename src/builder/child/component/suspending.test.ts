import { describe, expect, it } from 'vitest';
import { ASYNC_IMPORTS, notSuspending } from './suspending.ts';

const IMPORTED = new Set([
  'wasi:io/poll@0.2.10#poll',
  'wasi:io/streams@0.2.3#[method]output-stream.blocking-write-and-flush',
  'wasi:io/streams@0.2.10#[method]output-stream.check-write',
]);

const mark = (id: string, name: string, isAsync: string): string =>
  `${id}.fnName='${name}';\n  ${id}.manuallyAsync = ${isAsync};`;

describe('notSuspending', () => {
  it('is content when every waiting import suspends, in plain and in minified glue', () => {
    const plain = [
      mark('_trampoline1', 'wasi:io/poll@0.2.10#poll', 'true'),
      mark('_trampoline2', 'wasi:io/streams@0.2.10#blockingWriteAndFlush', 'true'),
      mark('_trampoline3', 'wasi:io/streams@0.2.10#checkWrite', 'false'),
    ].join('\n');
    expect(notSuspending(plain, IMPORTED)).toEqual([]);
    const minified =
      'a.fnName=`wasi:io/poll@0.2.10#poll`,a.manuallyAsync=!0;b.fnName=`wasi:io/streams@0.2.10#blockingWriteAndFlush`,b.manuallyAsync=!0';
    expect(notSuspending(minified, IMPORTED)).toEqual([]);
  });

  it('names what the glue left synchronous', () => {
    const glue = [
      mark('t1', 'wasi:io/poll@0.2.10#poll', 'false'),
      mark('t2', 'wasi:io/streams@0.2.10#blockingWriteAndFlush', 'true'),
    ].join('\n');
    expect(notSuspending(glue, IMPORTED)).toEqual(['wasi:io/poll@0.2.10#poll']);
  });

  it('does not take silence for consent', () => {
    expect(notSuspending('nothing of the kind', IMPORTED)).toHaveLength(2);
  });
});

describe('ASYNC_IMPORTS', () => {
  it('lists every version, for an unmatched name is passed over in silence', () => {
    for (const version of ['0.2.0', '0.2.3', '0.2.10', '0.2.12']) {
      expect(ASYNC_IMPORTS).toContain(`wasi:io/poll@${version}#[method]pollable.block`);
    }
  });
});
