import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostEntryProblem } from './host-entry.ts';

describe('an entry of the allow list', () => {
  test.each([
    'api.stripe.com',
    'api.stripe.com:8443',
    'https://api.stripe.com',
    'http://api.stripe.com:8080',
    '*.example.com',
    'https://*.example.com:8443',
    'xn--bcher-kva.example',
    'printer',
    '_dmarc.example.com',
    '192.0.2.7:8080',
    '[2001:db8::1]:443',
    'https://[2001:db8::1]:443',
    'app:my-shop',
  ])('%s is one', (entry) => {
    expect(hostEntryProblem(entry)).toBeNull();
  });

  test.each([
    '',
    '*',
    '*.',
    '*.*',
    '*.com',
    '*.192.0.2.7:80',
    'api.*.com',
    '*api.example.com',
    'a b',
    'a..b',
    '-a.example.com',
    'a.example.com.',
    'api.stripe.com/',
    'api.stripe.com?x',
    'api.stripe.com#x',
    'me@api.stripe.com',
    'api.stripe.com:0',
    'api.stripe.com:',
    'api.stripe.com:65536',
    'api.stripe.com:080',
    'API.stripe.com',
    'ftp://api.stripe.com',
    '192.0.2.7',
    '192.0.2.07:80',
    '0x7f.1:80',
    '2130706433:80',
    '127.1:80',
    '[::1]',
    '[::ffff:127.0.0.1]:80',
    '[::1%eth0]:80',
    '[::1:80',
    'app:',
    'app:My Shop',
    'app:api',
    '%61.example.com',
    'a\\b',
    `${'a'.repeat(64)}.example.com`,
    `${'a.'.repeat(130)}com`,
  ])('%j is none, and what to write instead is said', (entry) => {
    const problem = hostEntryProblem(entry);
    expect(problem).not.toBeNull();
    expect(problem?.hint).toMatch(/\w/);
  });
});

test('what is offered instead of another spelling is an entry itself', () => {
  const label = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/);
  fc.assert(
    fc.property(
      fc.array(label, { minLength: 2, maxLength: 4 }),
      fc.option(fc.integer({ min: 1, max: 65535 })),
      (labels, port) => {
        const entry = `${labels.join('.')}${port === null ? '' : `:${port}`}`;
        const problem = hostEntryProblem(entry);
        if (problem === null) expect(entry).toBe(entry.toLowerCase());
        else expect(hostEntryProblem(/`(.+)`/.exec(problem.hint)?.[1] ?? '')).toBeNull();
      },
    ),
  );
});

test('whatever the text is, the answer is a problem or none, never an error, and what is accepted is one host', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (hostEntryProblem(text) === null) expect(text).not.toMatch(/[\s@/?#%\\]/);
    }),
  );
});
