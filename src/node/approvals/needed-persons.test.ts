import { expect, test } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../approvals/index.ts';
import type { ApprovalState, OfficeState } from '../../state/index.ts';
import { byAgent } from './by-agent.ts';
import { neededPersons } from './needed-persons.ts';

const office = { apps: new Map([['uuid', { slug: 'shop' }]]) } as unknown as OfficeState;
const rule = (match: string, persons: number | null, apps: string[] | null = null) => ({
  ...{ number: 1, match, persons, apps },
});

/** @param policy of now; @param given what the approval is about */
function needed(policy: Partial<Policy>, given: Partial<ApprovalState> = {}) {
  const approval = {
    ...{ kind: 'deployment', app: 'uuid', office: 'default', requestedBy: 'user:dev', persons: 1 },
    ...{ added: ['http:api.example.com'], widened: [], removed: [], ...given },
  } as unknown as ApprovalState;
  return neededPersons(office, approval, () => ({ ...DEFAULT_POLICY, ...policy }));
}

test('a policy that has become stricter counts, one that has become milder does not', () => {
  expect(needed({})).toBe(1);
  expect(needed({ persons: 3 })).toBe(3);
  expect(needed({}, { persons: 2 })).toBe(2);
});

test('a rule counts for its apps and for what is added or wider, and not for what is given back', () => {
  const rules = [rule('http:*.example.com', 2, ['shop'])];
  expect(needed({ rules })).toBe(2);
  const widened = [{ from: ['http:a.example.com'], to: 'http:*.example.com' }];
  expect(needed({ rules }, { added: [], widened })).toBe(2);
  expect(needed({ rules }, { added: ['secret:k'], removed: ['http:api.example.com'] })).toBe(1);
  expect(needed({ rules }, { app: 'another' })).toBe(1);
});

test('what a rule has come to deny nobody can say yes to', () => {
  expect(needed({ rules: [rule('http:*', null)] })).toBeNull();
});

test('another policy needs as many as the strictest rule of the one in force wants by now, an agent’s wish as many as usual', () => {
  const policy = { persons: 3, rules: [rule('*', null)] };
  expect(needed(policy, { kind: 'policy', persons: 2, added: [] })).toBe(3);
  expect(needed({ rules: [rule('secret:*', 4)] }, { kind: 'policy', persons: 2, added: [] })).toBe(4);
  expect(needed({}, { kind: 'policy', persons: 2, added: [] })).toBe(2);
  expect(needed(policy, { kind: 'life_cycle', added: [] })).toBe(3);
  expect(needed({}, { kind: 'life_cycle', persons: 2, added: [] })).toBe(2);
});

test('what an agent asks for without anything new needs the usual number, by name of neither person nor host', () => {
  expect(needed({ persons: 2 }, { requestedBy: 'agent:writer', added: [] })).toBe(2);
  expect(['agent:writer', 'app:uuid'].map(byAgent)).toEqual([true, true]);
  expect(['user:agent', 'user:app:x', 'supervisor:agent', 'system'].map(byAgent)).toEqual([
    ...[false, false, false, false],
  ]);
});
