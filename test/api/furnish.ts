import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packFolder } from '../../src/artifacts/index.ts';
import { newId } from '../../src/kit/index.ts';
import { letOn } from './deploying.ts';
import type { Office, Who } from './office.ts';
import { send } from './shot.ts';
import { until } from './wait.ts';
import type { World } from './world.ts';

/** What each credential is made of; of an app the name is its id. */
const TOKENS: {
  readonly [Name in Who]: { kind?: string; role?: string; scopes?: (slug: string) => string[] };
} = {
  owner: { role: 'owner' },
  developer: { role: 'developer' },
  approver: { role: 'approver' },
  viewer: { role: 'viewer' },
  agent: { kind: 'agent', scopes: (slug) => ['read', 'deploy', `events:append:tenant_${slug}.agents`] },
  app: { kind: 'app', scopes: () => ['read', 'data'] },
  expired: { role: 'owner' },
  revoked: { role: 'owner' },
};

/**
 * Puts something of everything into an office.
 *
 * @param word stands in every text of it and nowhere else
 */
export async function furnish(
  { url, host, asMachine, log }: Pick<World, 'url' | 'host' | 'asMachine' | 'log'>,
  slug: string,
  word: string,
): Promise<Office> {
  const ask = async (method: string, path: string, json?: unknown) => {
    const answer = await asMachine(method, path, json, slug);
    succeeded(`${method} ${path}`, answer.status, JSON.stringify(answer.json));
    return answer.json;
  };
  if (slug !== 'default') {
    const made = await asMachine('POST', '/v1/offices', { slug, name: `Office ${word}` });
    succeeded('POST /v1/offices', made.status, JSON.stringify(made.json));
  }
  const app = newId();
  const appName = `${word}-app`;
  await publish({ url, asMachine }, slug, app, appName, word);

  const tokens: Partial<Record<Who, string>> = {};
  const actors: Partial<Record<Who, string>> = {};
  const ids: Partial<Record<Who, string>> = {};
  for (const [who, { kind = 'person', role, scopes }] of Object.entries(TOKENS) as [
    Who,
    (typeof TOKENS)[Who],
  ][]) {
    const name = kind === 'app' ? app : `${word}-${who}`;
    const issued = await ask('POST', '/v1/tokens', {
      ...{ kind, name, role, scopes: scopes?.(slug) },
      ...(who === 'expired' && { expires_in_days: 1e-9 }),
    });
    tokens[who] = issued.token;
    ids[who] = issued.id;
    actors[who] = `${kind === 'person' ? 'user' : kind}:${name}`;
  }
  await ask('DELETE', `/v1/tokens/${ids.revoked}`);

  const deployed = async (generation: number): Promise<string> => {
    const { deployment_id: id } = await ask('POST', `/v1/apps/${app}/deploy`, {});
    await until(`${id} is decided`, () => letOn({ asMachine }, slug, id));
    await takeUp({ url, host }, app, generation);
    await until(`${id} is in place`, async () => {
      return (await ask('GET', `/v1/deployments/${id}`)).phase === 'switched';
    });
    return id;
  };
  await deployed(1);
  await publish({ url, asMachine }, slug, app, appName, word);
  const deployment = await deployed(2); // so that there is a version to go back to
  const letter = { app, event_position: 1, event_type: `Order${word}Sent`, attempts: 10, status: 500 };
  await say({ url, host }, 'delivery_failed', { ...letter, reason: `about ${word}`, retry_at: null });

  const { digest: blob } = await log.putBlob(slug, Buffer.from(`blob of ${word}`), 'text/plain');
  const subject = `order/${word}`;
  const lastEvent = `Order${word}Received`;
  await ask('POST', '/v1/events', {
    event: { type: lastEvent, segment: `tenant_${slug}.${word}`, subject, data: { text: `from ${word}` } },
  });
  return {
    ...{ slug, word, app, appName, deployment, blob, subject, lastEvent },
    tokens: tokens as Record<Who, string>,
    actors: actors as Record<Who, string>,
    credential: ids.viewer as string,
    canaries: [
      ...[word, app, deployment, blob.replace('sha256:', '')],
      ...Object.values(ids),
      ...(slug === 'default' ? [] : [slug]),
    ],
  };
}

/** The host that the app of an office asks for. */
export function hostOf(word: string): string {
  return `${word}.example.com`;
}

/** Archive of an app that really builds: the component of `examples/tiny`. */
export async function archiveOf(app: string, name: string, word: string): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await mkdtemp(join(tmpdir(), 'tabbify-walk-app-'));
  try {
    const manifest = `[app]\nid = "${app}"\nname = "${name}"\ndescription = "About ${word}"\n[capabilities]\nhttp_allow_list = ["${hostOf(word)}"]\n[env]\nWORD = "${word}"\n[health]\ntimeout_sec = 600 # no host of the walk answers, and on a busy machine it is long\n`;
    await writeFile(join(folder, 'tabbify.toml'), manifest);
    await writeFile(
      join(folder, 'app.wasm'),
      await readFile(new URL('../../examples/tiny/app.wasm', import.meta.url)),
    );
    const chunks: Buffer[] = [];
    for await (const chunk of packFolder(folder)) chunks.push(chunk as Buffer);
    return new Uint8Array(Buffer.concat(chunks));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function publish(
  { url, asMachine }: Pick<World, 'url' | 'asMachine'>,
  slug: string,
  app: string,
  name: string,
  word: string,
): Promise<void> {
  const { token } = (
    await asMachine('POST', '/v1/tokens', { name: `publisher-${newId()}`, role: 'developer' }, slug)
  ).json;
  const body = { bytes: await archiveOf(app, name, word), type: 'application/gzip' };
  const answer = await send(
    url,
    { method: 'POST', path: '/v1/apps/{uuid}/versions' },
    { params: { uuid: app }, body },
    token,
  );
  succeeded('publish', answer.status, answer.text);
}

/** Publishes versions until there is one that nothing needs. @returns its number */
export async function removableVersion(
  world: Pick<World, 'url' | 'asMachine'>,
  { slug, app, appName, word }: Pick<Office, 'slug' | 'app' | 'appName' | 'word'>,
): Promise<number> {
  for (;;) {
    const { json } = await world.asMachine('GET', `/v1/apps/${app}/versions?limit=200`, undefined, slug);
    const stored = (json.versions as { version: number; removed_at: string | null }[])
      .filter(({ removed_at: removed }) => removed === null)
      .map(({ version }) => version);
    const free = stored.slice(3).find((version) => version > 2); // the last three stay, and what was deployed
    if (free !== undefined) return free;
    await publish(world, slug, app, appName, word);
  }
}

/** Lets the host say that it serves what it was given. */
async function takeUp(
  { url, host }: Pick<World, 'url' | 'host'>,
  app: string,
  wanted: number,
): Promise<void> {
  const path = `/v1/supervisors/${host.name}/desired`;
  const generation = async (): Promise<number> => {
    const { text } = await send(url, { method: 'GET', path }, {}, host.token);
    const { assignments } = JSON.parse(text) as { assignments: { app: string; generation: number }[] };
    return assignments.find((each) => each.app === app)?.generation ?? 0;
  };
  await until(`${app} is assigned`, async () => (await generation()) === wanted);
  await say({ url, host }, 'assignment_applied', { app, generation: wanted, outcome: 'idle' });
}

async function say({ url, host }: Pick<World, 'url' | 'host'>, type: string, data: object): Promise<void> {
  const shot = { json: { event: { type, data } } };
  const said = await send(url, { method: 'POST', path: '/v1/events' }, shot, host.token);
  succeeded(type, said.status, said.text);
}

function succeeded(what: string, status: number, told: string): void {
  if (status >= 300) throw new Error(`${what} was answered ${status}: ${told}`);
}
