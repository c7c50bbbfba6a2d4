import fc from 'fast-check';
import { expect, test } from 'vitest';
import { covers } from '../../app/index.ts';
import { desiredFor } from '../desired.ts';
import { APP, digest, historian } from '../testing/examples.ts';
import { foldEvents } from './fold.ts';

const HOSTS = ['a.example', 'b.example', '*.c.example', 'x.c.example'];
const LINES = [...HOSTS.map((host) => `http:${host}`), 'secret:k', 'secret:l'];
const id = (kind: number, n: number) =>
  `0191e7c2-${kind.toString(16).padStart(4, '0')}-7222-8333-${digest(n).slice(-12)}`;

const step = fc.oneof(
  fc.record({ kind: fc.constant('publish' as const), lines: fc.subarray(LINES) }),
  fc.record({ kind: fc.constant('deploy' as const), version: fc.nat(3) }), // an earlier version: a rollback
  fc.record({ kind: fc.constant('ask' as const), lines: fc.subarray(LINES), beside: fc.boolean() }),
  fc.record({ kind: fc.constant('approve' as const), once: fc.boolean() }),
  fc.record({ kind: fc.constant('deny' as const) }),
  fc.record({ kind: fc.constant('revoke' as const), line: fc.constantFrom(...LINES) }),
  fc.record({ kind: fc.constant('assign' as const) }),
  fc.record({ kind: fc.constant('succeed' as const) }),
  fc.record({ kind: fc.constant('cancel' as const) }),
);

/** A version that is asked for, decided and put in place, as it goes mostly. */
const whole = fc
  .record({ lines: fc.subarray(LINES), once: fc.boolean() })
  .map(({ lines, once }): Step[] => [
    { kind: 'publish', lines },
    { kind: 'deploy', version: 0 },
    { kind: 'ask', lines, beside: false },
    { kind: 'approve', once },
    { kind: 'assign' },
    { kind: 'succeed' },
  ]);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;
const history = fc
  .array(fc.oneof(whole, { weight: 4, arbitrary: step.map((each): Step[] => [each]) }), { maxLength: 30 })
  .map((each) => each.flat());

/** What a host is told that an app may do, as capabilities. */
function told(events: Parameters<typeof foldEvents>[0]): string[] {
  return desiredFor(foldEvents(events), 'local').flatMap(({ grant }) => [
    ...grant.http.map((entry) => `http:${entry}`),
    ...grant.secrets.map(({ name }) => `secret:${name}`),
  ]);
}

test('whatever happens in whatever order, a host is told of nothing that persons did not say yes to, or took back since', () => {
  let seen = 0;
  fc.assert(
    fc.property(history, (steps) => {
      const { events, say } = historian();
      const approved = new Set<string>();
      let versions = 0;
      let deployments = 0;
      let deployed = 1;
      let approvals = 0;
      let asked: string[] = [];
      let generation = 0;
      say('app_registered');
      for (const each of steps) {
        const deployment = { deployment_id: id(1, deployments) };
        const approval = { approval_id: id(2, approvals) };
        switch (each.kind) {
          case 'publish': {
            const secrets = each.lines
              .filter((line) => line.startsWith('secret:'))
              .map((line) => ({ name: line.slice(7), env_var: line.slice(7).toUpperCase(), required: true }));
            const more = { env: {}, targets: [], inherited: [], assets: null };
            say('version_published', { version: ++versions, requests: each.lines, secrets, ...more });
            break;
          }
          case 'deploy':
            deployments++;
            deployed = Math.max(1, versions - each.version);
            say('deployment_requested', {
              deployment_id: id(1, deployments),
              version: deployed,
            });
            break;
          case 'ask':
            approvals++;
            asked = each.lines;
            say('approval_requested', {
              ...{
                ...deployment,
                approval_id: id(2, approvals),
                added: each.lines,
                widened: [],
                removed: [],
              },
              kind: each.beside ? 'capability' : 'deployment',
            });
            break;
          case 'approve': {
            const isOpen = foldEvents(events).approvals.get(approval.approval_id)?.status === 'open';
            say('approval_granted', { ...approval, once: each.once }, { actor: 'user:dana' });
            if (isOpen) for (const line of asked) approved.add(line);
            break;
          }
          case 'deny':
            say('approval_denied', approval);
            break;
          case 'revoke':
            say('grant_revoked', { capability: each.line });
            for (const line of approved) if (covers(each.line, line)) approved.delete(line);
            break;
          case 'assign':
            say('app_assigned', { ...deployment, version: deployed, generation: ++generation, env: {} });
            say('assignment_applied', { generation });
            break;
          case 'succeed':
            say('deployment_succeeded', deployment);
            break;
          case 'cancel':
            say('deployment_cancelled', deployment);
        }
        for (const line of told(events)) {
          seen++;
          expect([line, [...approved].some((other) => covers(other, line))]).toEqual([line, true]);
        }
      }
      expect(events.every(({ data }) => data.app === undefined || data.app === APP)).toBe(true);
    }),
    { numRuns: 200 },
  );
  expect(seen).toBeGreaterThan(100); // grants were told at all
});
