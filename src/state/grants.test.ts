import { expect, test } from 'vitest';
import { desiredFor } from './desired.ts';
import { foldEvents } from './fold/fold.ts';
import { APPROVAL, historian } from './testing/examples.ts';

/** What the host of an app is told when it was granted these lines. @param env of its assignment */
function told(granted: string[], env: Record<string, string>) {
  const { events, say } = historian();
  say('supervisor_joined');
  say('app_registered');
  say('version_published', {
    requests: ['secret:own', 'secret:targets', 'secret:optional'],
    secrets: [
      { name: 'own', env_var: 'OWN', required: true },
      { name: 'optional', env_var: 'OPTIONAL', required: false },
    ],
    targets: [],
  });
  say('deployment_requested');
  say('approval_requested', { approval_id: APPROVAL, added: granted, widened: [], removed: [] });
  say('approval_granted', { approval_id: APPROVAL });
  say('app_assigned', { env });
  const [app] = desiredFor(foldEvents(events), 'local');
  return app;
}

test('a secret that a target names reaches its app under the target’s variable, and stands in no environment', () => {
  const app = told(['secret:own', 'secret:targets'], {
    MODE: 'dark',
    OWN: 'secret:own',
    KEY: 'secret:targets',
  });
  expect(app?.env).toEqual({ MODE: 'dark' });
  expect(app?.grant.secrets).toEqual([
    { name: 'own', env_var: 'OWN', required: true },
    { name: 'targets', env_var: 'KEY', required: true },
  ]);
});

test('a target may put another secret, or plain text, in the place of the version’s', () => {
  const other = told(['secret:own', 'secret:targets'], { OWN: 'secret:targets' });
  expect(other?.grant.secrets).toEqual([{ name: 'targets', env_var: 'OWN', required: true }]);
  const plain = told(['secret:own'], { OWN: 'nothing secret' });
  expect([plain?.env, plain?.grant.secrets]).toEqual([{ OWN: 'nothing secret' }, []]);
});

test('what was not granted is not told of, whoever names it', () => {
  const app = told(['secret:optional'], { OWN: 'secret:own', KEY: 'secret:targets', MORE: 'secret:third' });
  expect([app?.env, app?.grant.secrets]).toEqual([
    {},
    [{ name: 'optional', env_var: 'OPTIONAL', required: false }],
  ]);
});
