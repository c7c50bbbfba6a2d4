/** Segments of an office that only the platform writes (CONTRACTS §6; `audit` holds refusals and erasures). */
const RESERVED = /^(apps|secrets|approvals|members|audit)(\.|$)/;
const TOKENS = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;
const PATTERN = /^[a-z0-9_*-]+(\.[a-z0-9_*-]+)*$/;
const MAX_LENGTH = 255;
/** In a manifest: the app's own office, whichever it is. */
const OWN = 'tenant_*.';

/**
 * May the office's people and apps say events on this segment? It must be literal, without `*`, lie in the office, and
 * not be one that the platform keeps for itself.
 *
 * @returns null when it may be; else why not
 */
export function whySegmentIsClosed(segment: string, office: string): string | null {
  const own = `tenant_${office}.`;
  if (segment.includes('*')) return 'an event is said on one segment, and `*` stands for many';
  if (!TOKENS.test(segment) || segment.length > MAX_LENGTH) return `\`${segment}\` is not a segment`;
  if (!segment.startsWith(own)) return `\`${segment}\` is not of the office '${office}'`;
  if (RESERVED.test(segment.slice(own.length))) return `\`${segment}\` is the platform's to write`;
  return null;
}

/**
 * May a manifest ask to say events on this segment? Literal but for `tenant_*`, which stands for the app's own office
 * (CONTRACTS §6); whose office a written one is shows when it is published.
 *
 * @returns null when it may; else why not
 */
export function whyNotEmitted(segment: string): string | null {
  if (segment.startsWith(OWN)) return whyNotEmittedIn('tenant_own', segment.slice(OWN.length));
  if (!segment.startsWith('tenant_')) {
    if (/^platform(\.|$)/.test(segment)) return 'segments of the platform are its own to write';
    if (TOKENS.test(segment)) return 'an app says events in its own office, `tenant_*.` in front';
  }
  const [first = '', ...rest] = segment.split('.');
  if (rest.length === 0 && TOKENS.test(first)) return 'it names an office and no segment of it';
  return whyNotEmittedIn(first, rest.join('.'));
}

function whyNotEmittedIn(office: string, rest: string): string | null {
  if (RESERVED.test(rest)) return 'it is the platform’s to write';
  return whySegmentIsClosed(`${office}.${rest}`, office.slice('tenant_'.length));
}

/**
 * Is this a pattern of segments to subscribe to? Tokens with dots between them; `*` is any run of characters in one token.
 *
 * @returns null when it is; else why not
 */
export function whyNotSubscribed(pattern: string): string | null {
  if (pattern.length > MAX_LENGTH || !PATTERN.test(pattern)) {
    return 'a segment is made of lower-case tokens with dots between them, and `*` for any characters of a token';
  }
  const [first = ''] = pattern.split('.');
  if (first === 'platform' && pattern !== 'platform.llm') {
    return 'of the platform, an app sees `platform.llm` alone';
  }
  if (!first.startsWith('tenant_') && first !== 'platform' && !first.includes('*')) {
    return 'a segment lies in an office, `tenant_*.` in front';
  }
  return null;
}
