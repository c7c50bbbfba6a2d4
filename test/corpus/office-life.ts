import type { EventDraft } from '../../src/log/index.ts';
import { assigned, builtArtifact, type CorpusApp, HOSTS, publishedVersion } from './apps.ts';
import { digestOf, idAt } from './ids.ts';
import type { CorpusPlan } from './plan.ts';
import type { Random } from './random.ts';
import type { Speaker } from './speaker.ts';

type Saying = () => EventDraft;

/**
 * The half of the corpus that is folded, without an end: hosts join, apps are registered and deployed again and
 * again at an even pace, and in between they are woken and go idle all day.
 */
export function* officeLife(
  plan: CorpusPlan,
  apps: readonly CorpusApp[],
  random: Random,
  say: Speaker,
): Generator<EventDraft> {
  const queue: Saying[] = HOSTS.map(
    (name) => () => say.host('supervisor_joined', { name, tags: ['wasm-http', 'worker'] }, name),
  );
  const between = Math.max(1, Math.floor((plan.events / 2 - HOSTS.length) / plan.deployments));
  const credentialEvery = Math.max(1, Math.floor(plan.events / 2 / plan.credentials));
  let deployments = 0;
  let credentials = 0;
  for (let n = 0; ; n += 1) {
    if (n % between === 0 && deployments < plan.deployments) {
      const app = apps[deployments] ?? random.pick(apps);
      queue.push(...deployment(app, deployments, random, say));
      deployments += 1;
    }
    if (n % credentialEvery === 0 && credentials < plan.credentials) {
      queue.push(...credential(credentials, random, say));
      credentials += 1;
    }
    yield queue.shift()?.() ?? wakeOrIdle(random.pick(apps.slice(0, deployments)), random, say);
  }
}

/** All that is said about one deployment; one in 25 does not build, one in 40 does not start. */
function deployment(app: CorpusApp, n: number, random: Random, say: Speaker): Saying[] {
  const id = idAt(Date.UTC(2026, 4, 2) + n, 0xd000000 + n);
  const again = app.versions.length > 1 && random.onceIn(10);
  const version = again ? random.between(1, app.versions.length) : app.versions.length + 1;
  const about = { app: app.uuid, deployment_id: id, version };
  const sayings: Saying[] = [];
  if (app.versions.length === 0) {
    const { uuid, name, slug, ula } = app;
    sayings.push(() => say.node('app_registered', { app: uuid, name, slug, ula }));
  }
  if (!again) {
    const published = publishedVersion(app, random);
    app.versions.push(published.digest);
    sayings.push(() => say.node('version_published', published));
  }
  const digest = app.versions[version - 1]!;
  sayings.push(() =>
    say.node('deployment_requested', { ...about, digest, targets: null, leave_data: false }),
  );
  const failed = (stage: string, reason: string) => {
    const log_tail = [`${stage} of version ${version}`, reason];
    sayings.push(() => say.node('deployment_failed', { ...about, stage, reason, log_tail }, 'system'));
    return sayings;
  };
  if (!again && app.generation > 0 && random.onceIn(25)) {
    return failed('build', 'src/main.ts: Expected ";" but found "}"');
  }
  if (!again) sayings.push(() => say.node('artifact_built', builtArtifact(app, version, random), 'system'));
  const previous = app.generation;
  app.generation += 1;
  const { generation } = app;
  const assignment = assigned(app, id, version);
  sayings.push(() => say.node('app_assigned', assignment, 'system'));
  if (previous > 0 && random.onceIn(40)) {
    const reason = 'it was not healthy within 30 s';
    const failure = { app: app.uuid, generation, stage: 'start', reason, log_tail: [reason] };
    sayings.push(() => say.host('assignment_failed', failure, app.host));
    return failed('start', reason);
  }
  sayings.push(
    () => say.host('assignment_applied', { app: app.uuid, generation, outcome: 'running' }, app.host),
    () => {
      app.version = version;
      app.running = true;
      return started(app, generation, random, say);
    },
    () => say.node('deployment_succeeded', about, 'system'),
  );
  if (previous > 0) {
    const replaced = { app: app.uuid, generation: previous, reason: 'replaced' };
    sayings.push(() => say.host('app_stopped', replaced, app.host));
  }
  return sayings;
}

function wakeOrIdle(app: CorpusApp, random: Random, say: Speaker): EventDraft {
  const { uuid, host, generation } = app;
  if (random.onceIn(400)) return say.node('app_start_requested', { app: uuid, supervisor: host });
  if (random.onceIn(400)) return say.node('app_stop_requested', { app: uuid, supervisor: host });
  if (!app.running) {
    app.running = true;
    return started(app, generation, random, say);
  }
  app.running = false;
  if (!random.onceIn(60)) return say.host('app_stopped', { app: uuid, generation, reason: 'idle' }, host);
  const log_tail = ['TypeError: cannot read properties of undefined', '    at fetch (src/main.ts:41:17)'];
  return say.host('app_crashed', { app: uuid, generation, code: 1, signal: null, log_tail }, host);
}

function started(app: CorpusApp, generation: number, random: Random, say: Speaker): EventDraft {
  const data = {
    app: app.uuid,
    version: Math.max(app.version, 1),
    generation: Math.max(generation, 1),
    pid: random.between(300, 4_000_000),
    adopted: random.onceIn(50),
  };
  return say.host('app_started', data, app.host);
}

/** A credential is issued; one in three is revoked later. */
function credential(n: number, random: Random, say: Speaker): Saying[] {
  const id = idAt(Date.UTC(2026, 4, 3) + n, 0xc000000 + n);
  const agent = random.onceIn(2);
  const issued: Saying = () =>
    say.node('credential_issued', {
      credential_id: id,
      kind: agent ? 'agent' : 'person',
      name: `${agent ? 'agent' : 'member'}-${n}`,
      role: agent ? null : 'developer',
      scopes: agent ? ['read'] : ['read', 'deploy', 'data'],
      token_sha256: digestOf(`token ${n}`),
      expires_at: random.onceIn(2) ? '2027-06-01T00:00:00Z' : null,
    });
  const revoked: Saying = () =>
    say.node('credential_revoked', { credential_id: id, reason: 'it is not needed' });
  return random.onceIn(3) ? [issued, revoked] : [issued];
}
