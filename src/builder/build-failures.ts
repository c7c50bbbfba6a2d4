import type { TabbifyError } from '../kit/index.ts';
import type { ChildMessage } from './child/protocol.ts';
import { builderError } from './errors.ts';

/** What the build process said of its failure. */
export function failed({ fault, what, why, hint }: ChildMessage & { type: 'failed' }): TabbifyError {
  return builderError(fault === 'author' ? 'build_failed' : 'build_broken', {
    what,
    ...(why === undefined ? {} : { why }),
    ...(hint === undefined ? {} : { hint }),
  });
}

export function timedOut(timeoutMs: number): TabbifyError {
  return builderError('build_timeout', {
    what: `The build was ended after ${Math.round(timeoutMs / 1000)} seconds`,
    why: 'it took longer than a build may',
    hint: 'Look for a loop that never ends outside `fetch`: that code runs at build time.',
  });
}

export function aborted(): TabbifyError {
  return builderError('build_aborted', { what: 'The build was cancelled', hint: 'Push again to build it.' });
}

/** @param exit how it ended; @param output the end of what it printed */
export function died(exit: string, output: string): TabbifyError {
  return builderError('build_broken', {
    what: `The build process ended with ${exit}`,
    why: output.trim().slice(-4000) || 'it said nothing',
    hint: 'Try once more; when it stays, the machine may lack memory (a build needs about 1 GB).',
  });
}
