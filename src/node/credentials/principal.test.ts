import fc from 'fast-check';
import { expect, test } from 'vitest';
import { whySegmentIsClosed } from '../../app/index.ts';
import type { Credential, PrincipalKind, Role } from '../../state/index.ts';
import { principalOf, scopesInForce } from './principal.ts';
import { NEVER, PLAIN_SCOPES, ROLE_SCOPES } from './roles.ts';

const KINDS: readonly PrincipalKind[] = ['person', 'agent', 'app', 'supervisor'];

/** A credential as a log could hold it that somebody else has written to. */
const anyCredential = fc.record({
  id: fc.constant('0191e7c2-0000-7000-8000-000000000001'),
  kind: fc.constantFrom(...KINDS),
  name: fc.constantFrom('owner', 'local', 'anna'),
  office: fc.constantFrom('default', 'bakery'),
  role: fc.constantFrom<Role | null>(null, 'owner', 'developer', 'approver', 'viewer'),
  scopes: fc.array(
    fc.constantFrom(
      ...PLAIN_SCOPES,
      ...['king', 'events:append:*', 'events:append:tenant_default.code', 'events:append:tenant_bakery.code'],
      ...[
        'events:append:tenant_*.code',
        'events:append:tenant_default.members',
        'events:append:platform.llm',
      ],
      'events:append:platform.hosts.local',
    ),
  ),
  issuedAt: fc.constant('2026-01-01T00:00:00Z'),
  trustedSince: fc.constant(1),
  issuedBy: fc.constant('user:owner'),
  expiresAt: fc.constant(null),
}) satisfies fc.Arbitrary<Credential>;

test('whatever the log says, no credential allows more than its kind, its role and its office may', () => {
  fc.assert(
    fc.property(anyCredential, (credential) => {
      const scopes = scopesInForce(credential);
      const { kind, name, office, role } = credential;
      for (const scope of NEVER[kind]) expect(scopes.has(scope)).toBe(false);
      if (kind === 'supervisor') {
        expect([...scopes]).toEqual([`events:append:platform.hosts.${name}`]);
        return;
      }
      const named: readonly string[] = role === null ? credential.scopes : ROLE_SCOPES[role];
      for (const scope of scopes) {
        expect(named).toContain(scope);
        if (scope.startsWith('events:append:'))
          expect(whySegmentIsClosed(scope.slice('events:append:'.length), office)).toBeNull();
      }
      const { ownsMachine } = principalOf(credential, new AbortController().signal);
      if (ownsMachine) expect([kind, office, scopes.size >= 6]).toEqual(['person', 'default', true]);
    }),
  );
});

test('actors are named by their kind', () => {
  const credential = { ...fc.sample(anyCredential, 1)[0]!, name: 'x' };
  const actors = KINDS.map(
    (kind) => principalOf({ ...credential, kind }, new AbortController().signal).actor,
  );
  expect(actors).toEqual(['user:x', 'agent:x', 'app:x', 'supervisor:x']);
});

test.each([
  ['tenant_default.code', null],
  ['tenant_default.code.reviews', null],
  ['tenant_default.appsy', null],
  ['tenant_default.apps', /platform's/],
  ['tenant_default.apps.more', /platform's/],
  ['tenant_default.secrets', /platform's/],
  ['tenant_default.approvals', /platform's/],
  ['tenant_default.members', /platform's/],
  ['tenant_default.audit', /platform's/],
  ['tenant_default.', /not a segment/],
  ['tenant_default', /not of the office/],
  ['tenant_defaults.code', /not of the office/],
  ['tenant_bakery.code', /not of the office/],
  ['platform.llm', /not of the office/],
  ['tenant_default.*', /stands for many/],
  ['tenant_*.code', /stands for many/],
  ['tenant_default.Code', /not a segment/],
  [`tenant_default.${'x'.repeat(300)}`, /not a segment/],
])('the segment %s is open to its office: %s', (segment, why) => {
  const closed = whySegmentIsClosed(segment, 'default');
  if (why === null) expect(closed).toBeNull();
  else expect(closed).toMatch(why);
});
