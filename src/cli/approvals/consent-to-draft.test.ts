import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { ApprovalReply, ApprovalsClient } from '../client/approvals.ts';
import { createContext } from '../context.ts';
import { cliError } from '../errors.ts';
import { collector } from '../testing/run-cli.ts';
import { consentToDraft } from './consent-to-draft.ts';

/** What a deployment asks for, where a person has seen a draft that shows other things. */
async function consentWith(asked: readonly string[], shown: readonly string[], more: object = {}) {
  const items = asked.map((capability) => ({
    ...{ change: 'added', capability, from: [], text: capability, risk: 'normal', line: null },
  }));
  const approval = {
    ...{ id: 'a', status: 'open', kind: 'deployment', app: 'u', app_name: 'shop', version: 1, digest: 'd' },
    ...{ items, difference: 'e', reasons: [], doubts: [], persons: 1, granted_by: [], policy: null },
    ...{ requested_by: 'user:owner', expires_at: '2026-11-23T10:00:00Z', ...more },
  } as unknown as ApprovalReply;
  let approvals = 0;
  const client = {
    show: async () => approval,
    approve: async () => {
      approvals += 1;
      if (more === CHANGED) throw cliError('stopped', { what: 'changed' });
      return { ...approval, status: 'granted' };
    },
  } as unknown as ApprovalsClient;
  const out = collector(false);
  const io = { stdin: new PassThrough(), stdout: out.stream, stderr: out.stream, env: {}, cwd: '/' };
  const consent = consentToDraft(createContext(io, { json: false, home: '/' }), () => shown);
  const outcome = await consent(client, 'a').catch(() => 'failed' as const);
  return { kind: outcome === 'failed' ? outcome : outcome.kind, approvals, text: out.text() };
}

const CHANGED = {};

test('what the draft has shown is approved without a further word', async () => {
  const shown = ['visibility:public', 'http:api.stripe.com', 'subscribe:tenant_*.jobs'];
  const asked = ['visibility:public', 'subscribe:tenant_bakery.jobs'];
  expect(await consentWith(asked, shown)).toEqual({ kind: 'yes', approvals: 1, text: '' });
});

test.each([
  ['another host', ['http:evil.example'], ['http:api.stripe.com'], {}],
  ['a wider host', ['http:*.stripe.com'], ['http:api.stripe.com'], {}],
  ['being public', ['visibility:public'], [], {}],
  ['weaker walls', ['isolation:process'], ['visibility:public'], {}],
  ['what is not known', ['visibility:public'], ['visibility:public'], { doubts: ['unknown key `x`'] }],
])('%s was not in the draft: it is shown, and nobody has said yes', async (_, asked, shown, more) => {
  const outcome = await consentWith(asked, shown, more);
  expect(outcome).toMatchObject({ kind: 'waits', approvals: 0 });
  expect(outcome.text).toContain('Version 1 of shop asks for what it was not granted');
});

test('what the office refuses otherwise is no yes', async () => {
  expect(await consentWith([], [], CHANGED)).toMatchObject({ kind: 'failed', approvals: 1 });
});
