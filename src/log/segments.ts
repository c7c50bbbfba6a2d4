import { starMatches } from '../kit/index.ts';

/** What a segment pattern may look like: tokens of lower-case letters, digits, `_`, `-` and `*`, joined by dots. */
export const SEGMENT_PATTERN = /^[a-z0-9_*-]+(\.[a-z0-9_*-]+)*$/;

/**
 * Does a segment match a pattern? `*` stands for any run of characters, also none, within one token (CONTRACTS §6).
 *
 * @example
 * segmentMatches('tenant_*.apps', 'tenant_default.apps'); // true
 * segmentMatches('platform.*', 'platform.hosts.local'); // false: `*` does not cross a dot
 */
export function segmentMatches(pattern: string, segment: string): boolean {
  const wanted = pattern.split('.');
  const given = segment.split('.');
  return (
    wanted.length === given.length && wanted.every((token, index) => starMatches(token, given[index] ?? ''))
  );
}

/** Does any of the patterns match? No patterns at all: every segment does. */
export function anySegmentMatches(patterns: readonly string[] | undefined, segment: string): boolean {
  return patterns === undefined || patterns.some((pattern) => segmentMatches(pattern, segment));
}
