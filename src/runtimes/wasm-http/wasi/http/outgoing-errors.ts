import { messageOf } from '../../../../kit/index.ts';
import type { Variant } from '../failure.ts';

/** What the system, the resolver and node say, as `wasi:http` says it. */
const CODES: Readonly<Record<string, Variant>> = {
  egress_denied: { tag: 'HTTP-request-denied' },
  egress_busy: { tag: 'connection-limit-reached' },
  egress_rate_limited: { tag: 'connection-limit-reached' },
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: { tag: 'HTTP-request-denied' }, // the channel's, where plain HTTP was granted
  ECONNREFUSED: { tag: 'connection-refused' },
  ECONNRESET: { tag: 'connection-terminated' },
  EPIPE: { tag: 'connection-terminated' },
  ETIMEDOUT: { tag: 'connection-timeout' },
  EHOSTUNREACH: { tag: 'destination-IP-unroutable' },
  ENETUNREACH: { tag: 'destination-IP-unroutable' },
  ENOTFOUND: { tag: 'DNS-error', val: { rcode: 'NXDOMAIN', infoCode: undefined } },
  EAI_AGAIN: { tag: 'DNS-timeout' },
  HPE_HEADER_OVERFLOW: { tag: 'HTTP-response-header-section-size', val: undefined },
  HPE_INVALID_TRANSFER_ENCODING: { tag: 'HTTP-response-transfer-coding', val: undefined },
  ERR_INVALID_HTTP_TOKEN: { tag: 'HTTP-request-method-invalid' },
  ERR_UNESCAPED_CHARACTERS: { tag: 'HTTP-request-URI-invalid' },
};

/** By how a code begins, for what comes in many kinds. */
const FAMILIES: readonly [beginning: RegExp, code: Variant][] = [
  [/^HPE_/, { tag: 'HTTP-protocol-error' }],
  [
    /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/,
    { tag: 'TLS-certificate-error' },
  ],
  [/^(ERR_SSL_|ERR_TLS_)/, { tag: 'TLS-protocol-error' }],
];

/** The error code of a request that went wrong; what a channel throws has its cause inside. */
export function outgoingErrorCode(error: unknown): Variant {
  for (let each: unknown = error, depth = 0; each instanceof Error && depth < 4; each = each.cause, depth++) {
    const code = String((each as { code?: unknown }).code ?? '');
    const known = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
    const found = known ?? FAMILIES.find(([beginning]) => beginning.test(code))?.[1];
    if (found !== undefined) return found;
    if (code === 'egress_unreachable' && each.cause === undefined) break;
  }
  if ((error as { code?: unknown } | null)?.code === 'egress_unreachable')
    return { tag: 'destination-unavailable' };
  return { tag: 'internal-error', val: messageOf(error) };
}
