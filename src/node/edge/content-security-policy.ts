const REMOVED = new Set(['sandbox', 'report-uri', 'report-to']);

/**
 * An app's own policy without the directives that could loosen our sandbox or send reports in the office's name.
 * Policies only ever add restrictions to each other, so what is left stands beside ours.
 *
 * @param value the header's value; an array when it was sent more than once
 * @returns serialized policy list (CSP 3 §2.2), empty when nothing is left
 */
export function withoutSandboxAndReports(value: string | readonly string[]): string {
  const policies = (typeof value === 'string' ? [value] : value).flatMap((text) => text.split(','));
  return policies
    .map((policy) =>
      policy
        .split(';')
        .map((directive) => directive.trim())
        .filter((directive) => directive !== '' && !REMOVED.has(nameOf(directive)))
        .join('; '),
    )
    .filter((policy) => policy !== '')
    .join(', ');
}

function nameOf(directive: string): string {
  return (/^\S+/.exec(directive)?.[0] ?? '').toLowerCase();
}
