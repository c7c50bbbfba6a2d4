import type { IncomingHttpHeaders } from 'node:http';
import { CONNECTION_FIELDS } from '../../kit/index.ts';
import { withoutSandboxAndReports } from './content-security-policy.ts';

/** Hop-by-hop headers of a response (RFC 9110 §7.6.1); our own server writes its own. */
const HOP_BY_HOP = new Set([...CONNECTION_FIELDS, 'proxy-authenticate', 'proxy-authentication-info']);

/**
 * What an app under the path mount may not say, because a browser would apply it to the office's whole origin:
 * cookies, storage, service workers, transport, navigation, and where reports are sent.
 */
const ORIGIN_WIDE = new Set([
  'set-cookie',
  'set-cookie2',
  'clear-site-data',
  'service-worker-allowed',
  'strict-transport-security',
  'refresh',
  'report-to',
  'reporting-endpoints',
  'nel',
  'content-security-policy-report-only',
  'cross-origin-opener-policy-report-only',
  'cross-origin-embedder-policy-report-only',
  'expect-ct',
  'public-key-pins',
  'public-key-pins-report-only',
  'alt-svc',
  'accept-ch',
  'critical-ch',
  'origin-agent-cluster',
  'x-content-type-options',
]);

/** `Set-Cookie` of a cookie of the office's own, or of one without a name that would be sent as one. */
const OFFICES_OWN = /^[\s=]*__Host-tabbify/i;

/** Set on every response under the path mount, whatever its type. */
export const PATH_MOUNT_POLICY = 'sandbox allow-scripts allow-forms';

/**
 * Headers of an app's response as the visitor gets them: a flat array for `writeHead`.
 *
 * @param headers names in lower case, as the parser gives them
 * @param underPathMount the response shares the office's origin and is fenced in
 */
export function responseHeaders(
  headers: IncomingHttpHeaders,
  underPathMount: boolean,
): (string | string[])[] {
  const kept: (string | string[])[] = [];
  const named = namedByConnection(headers.connection);
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || HOP_BY_HOP.has(name) || named?.has(name)) continue;
    if (underPathMount) {
      if (ORIGIN_WIDE.has(name)) continue;
      if (name === 'content-security-policy') {
        // The last sandbox directive wins (HTML, "CSP-derived sandboxing flags"), so the app's must not be there.
        const policy = withoutSandboxAndReports(value);
        if (policy !== '') kept.push(name, policy);
        continue;
      }
    }
    if (name === 'set-cookie') {
      const own = (typeof value === 'string' ? [value] : value).filter((each) => !OFFICES_OWN.test(each));
      if (own.length > 0) kept.push(name, own);
      continue;
    }
    kept.push(name, value);
  }
  if (underPathMount) {
    kept.push('content-security-policy', PATH_MOUNT_POLICY, 'x-content-type-options', 'nosniff');
  }
  return kept;
}

function namedByConnection(value: string | undefined): ReadonlySet<string> | null {
  if (value === undefined || value === 'keep-alive' || value === 'close') return null;
  return new Set(
    String(value)
      .toLowerCase()
      .split(',')
      .map((token) => token.trim()),
  );
}
