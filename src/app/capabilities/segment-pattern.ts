import { starMatches } from '../../kit/index.ts';

/** The one segment of the platform that apps may see (CONTRACTS §6). */
const PLATFORM = 'platform.llm';
const OWN = 'tenant_*.';

/** A segment to say events on, for an office: `tenant_*` is the app's own. */
export function ownSegment(segment: string, office: string): string {
  return segment.startsWith(OWN) ? `tenant_${office}.${segment.slice(OWN.length)}` : segment;
}

/**
 * A pattern to subscribe to, for an office: a `*` in its first token stands for the app's own office and for `platform.llm`, since an app
 * sees nothing else. One that matches neither is given back as it is.
 */
export function ownPatterns(pattern: string, office: string): string[] {
  const [first = '', ...rest] = pattern.split('.');
  if (!first.includes('*')) return [pattern];
  const own = `tenant_${office}`;
  const found = [
    ...(rest.length > 0 && starMatches(first, own) ? [[own, ...rest].join('.')] : []),
    ...(patternCovers(pattern, PLATFORM) ? [PLATFORM] : []),
  ];
  return found.length > 0 ? found : [pattern];
}

/**
 * Does one pattern of segments match all that another one matches? Its `*` takes the `*` of the other as a character that stands
 * nowhere else, so that only a `*` matches it; and a `*` that matches one such character matches any run in its place. Never true by
 * mistake; false by mistake only for a pattern in which all 38 characters of a token stand.
 */
export function patternCovers(granted: string, requested: string): boolean {
  const [grant, request] = [granted.split('.'), requested.split('.')];
  return (
    grant.length === request.length && grant.every((token, index) => starMatches(token, request[index] ?? ''))
  );
}
