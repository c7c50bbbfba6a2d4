import { expect, test } from 'vitest';
import { withoutSandboxAndReports } from './content-security-policy.ts';

test.each<[string | string[], string]>([
  ["default-src 'self'", "default-src 'self'"],
  ['sandbox allow-same-origin', ''],
  ["script-src 'self'; SandBox allow-same-origin; img-src *", "script-src 'self'; img-src *"],
  ["script-src 'self', sandbox allow-same-origin", "script-src 'self'"],
  [['sandbox', "default-src 'none';report-uri /r; report-to x"], "default-src 'none'"],
  ['\tsandbox\tallow-same-origin', ''],
  [';;', ''],
])('of %j the harmless part %j stays', (policy, kept) => {
  expect(withoutSandboxAndReports(policy)).toBe(kept);
});
