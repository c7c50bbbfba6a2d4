/** Segments of an office that only the platform writes (CONTRACTS §6; `audit` holds refusals and erasures). */
const RESERVED = /^(apps|secrets|approvals|members|audit)(\.|$)/;
const TOKENS = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;

/**
 * May the office's people and apps say events on this segment? It must be literal, without `*`, lie in the office, and
 * not be one that the platform keeps for itself.
 *
 * @returns null when it may be; else why not
 */
export function whySegmentIsClosed(segment: string, office: string): string | null {
  const own = `tenant_${office}.`;
  if (segment.includes('*')) return 'an event is said on one segment, and `*` stands for many';
  if (!TOKENS.test(segment) || segment.length > 255) return `\`${segment}\` is not a segment`;
  if (!segment.startsWith(own)) return `\`${segment}\` is not of the office '${office}'`;
  if (RESERVED.test(segment.slice(own.length))) return `\`${segment}\` is the platform's to write`;
  return null;
}
