import type { TargetResultReply } from '../client/replies.ts';

/** For each host on which an app has another runtime than it was meant for, one sentence that says so, and the way on. */
export function standInLines(results: readonly TargetResultReply[]): string[] {
  return results.flatMap(({ supervisor, runtime, stands_in_for: meant }) => {
    if (meant == null) return [];
    const why = meant.why.replace(/\.$/, '');
    return [
      `on ${supervisor} it runs as ${runtime} in place of ${meant.runtime}: ${why}; \`tabbify doctor\` says what helps`,
    ];
  });
}
