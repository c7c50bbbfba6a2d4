import { expect, test } from 'vitest';
import { foldEvents } from '../fold/fold.ts';
import { APP, CREDENTIAL, digest, historian, OTHER_APP } from '../testing/examples.ts';
import { canonicalJson } from './canonical-json.ts';
import { stateDocument } from './state-document.ts';

/** Two offices with an app and a credential each. */
function twoOffices() {
  const history = historian();
  const { say } = history;
  say('supervisor_joined');
  say('office_created', {}, { office: 'acme' });
  say('credential_issued');
  say(
    'credential_issued',
    { credential_id: OTHER_APP, token_sha256: digest(2), name: 'erin' },
    { office: 'acme' },
  );
  say('app_registered');
  say('app_registered', { app: OTHER_APP, ula: 'fd5a:1f02:d8a4:1b0f:e502::1' }, { office: 'acme' });
  say('version_published', { version: 2, digest: digest(2) });
  say('version_published');
  say('deployment_requested');
  return history;
}

test('an office sees its own apps, deployments and credentials, and the hosts that all share', () => {
  const state = foldEvents(twoOffices().events);
  expect(stateDocument(state, 'acme')).toMatchObject({
    position: 9,
    offices: [{ slug: 'acme', name: 'Acme', created_by: 'user:owner' }],
    supervisors: [{ name: 'local', tags: ['wasm-http'] }],
    credentials: [{ id: OTHER_APP, name: 'erin', office: 'acme', role: 'viewer' }],
    apps: [{ uuid: OTHER_APP, office: 'acme', slug: 'hello' }],
    deployments: [],
  });
  expect(canonicalJson(stateDocument(state, 'acme'))).not.toMatch(
    new RegExp(`${APP}|${CREDENTIAL}|dana|default`),
  );
  expect(stateDocument(state, 'default')).toMatchObject({
    offices: [{ slug: 'default', created_at: null, created_by: 'system' }],
    credentials: [{ id: CREDENTIAL, name: 'dana' }],
    apps: [{ uuid: APP }],
    deployments: [{ app: APP, phase: 'requested' }],
  });
  expect(stateDocument(state, 'nobody')).toMatchObject({ offices: [], credentials: [], apps: [] });
});

test('without an office it holds all of them, also those that only events name', () => {
  const { events, say } = twoOffices();
  say('app_registered', { app: CREDENTIAL, ula: 'fd5a:1f02:d8a4:1b0f:e503::1' }, { office: 'unsaid' });
  const { offices, apps, credentials } = stateDocument(foldEvents(events), null);
  expect(offices).toMatchObject([{ slug: 'acme' }, { slug: 'default' }]);
  expect(apps).toMatchObject([{ office: 'acme' }, { office: 'default' }, { office: 'unsaid' }]);
  expect(credentials).toHaveLength(2);
});

test('hashes of tokens are in no document, valid or revoked', () => {
  const { events, say } = twoOffices();
  const hashes = [digest(0xabc), digest(2)];
  const before = canonicalJson(stateDocument(foldEvents(events), null));
  say('credential_revoked');
  const after = canonicalJson(stateDocument(foldEvents(events), null));
  for (const hash of hashes.slice(0, 1)) {
    expect(before).not.toContain(hash);
    expect(after).not.toContain(hash);
  }
  expect(before).toContain(CREDENTIAL);
  expect(after).not.toContain(CREDENTIAL);
});

test('the order is canonical: versions by number, not as they came', () => {
  const [app] = stateDocument(foldEvents(twoOffices().events), 'default').apps as { versions: object[] }[];
  expect(app?.versions).toMatchObject([{ version: 1 }, { version: 2 }]);
});

test('it is plain JSON: written and read it is the same', () => {
  const document = stateDocument(foldEvents(twoOffices().events), null);
  expect(JSON.parse(canonicalJson(document))).toEqual(document);
});
