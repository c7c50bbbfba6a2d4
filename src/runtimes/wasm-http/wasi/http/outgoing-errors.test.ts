import { expect, test } from 'vitest';
import { outgoingErrorCode } from './outgoing-errors.ts';

const withCode = (code: string, cause?: unknown) => Object.assign(new Error(code, { cause }), { code });

test.each([
  [withCode('egress_denied'), 'HTTP-request-denied'],
  [withCode('egress_busy'), 'connection-limit-reached'],
  [withCode('egress_unreachable', withCode('ECONNREFUSED')), 'connection-refused'],
  [withCode('egress_unreachable', withCode('ENOTFOUND')), 'DNS-error'],
  [withCode('egress_unreachable', withCode('EAI_AGAIN')), 'DNS-timeout'],
  [withCode('egress_unreachable', withCode('ENETUNREACH')), 'destination-IP-unroutable'],
  [withCode('egress_unreachable', new Error('no answer within 10000 ms')), 'destination-unavailable'],
  [withCode('egress_unreachable'), 'destination-unavailable'],
  [withCode('ECONNRESET'), 'connection-terminated'],
  [withCode('HPE_INVALID_CONSTANT'), 'HTTP-protocol-error'],
  [withCode('HPE_HEADER_OVERFLOW'), 'HTTP-response-header-section-size'],
  [withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), 'TLS-certificate-error'],
  [withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'TLS-certificate-error'],
  [withCode('ERR_SSL_WRONG_VERSION_NUMBER'), 'TLS-protocol-error'],
  [withCode('constructor'), 'internal-error'],
  [new Error('odd'), 'internal-error'],
  [null, 'internal-error'],
])('%s is %s', (error, tag) => {
  expect(outgoingErrorCode(error).tag).toBe(tag);
});
