import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { get } from '../../e2e/get.ts';
import { ROOT } from '../../e2e/process.ts';
import { expectKept } from '../drill.ts';
import type { Random } from '../random.ts';
import { until } from '../until.ts';
import { sayYes } from './say-yes.ts';
import type { Site } from './site.ts';
import { uuidOf } from './writer.ts';

/** What a publisher did, to be compared with the log. */
export interface Published {
  readonly app: string;
  /** Version numbers that pushes were answered with, in order. */
  readonly versions: number[];
  /** Deployments that were accepted. */
  readonly deployments: string[];
}

const TINY = join(ROOT, 'examples/tiny');

/**
 * One side that pushes `examples/tiny` as an app of its own and deploys what it pushed, now and then an older version.
 * Every request carries an `Idempotency-Key` and is repeated under it.
 *
 * @param ended resolves with the type of the event that ended a deployment
 */
export async function publish(
  name: string,
  site: Site,
  random: Random,
  stopped: () => boolean,
  ended: (deployment: string) => Promise<string>,
  into: Published,
): Promise<void> {
  const { app, versions, deployments } = into;
  while (!stopped()) {
    if (versions.length === 0 || random.int(1, 3) === 1) {
      const archive = await tinyApp(app, name, random.int(1, 1e9));
      const pushed = await site.call(`/v1/apps/${app}/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/gzip', 'idempotency-key': uuidOf(random) },
        body: archive,
      });
      expectKept(pushed.status === 201, () => `push of ${name}: ${pushed.status} ${pushed.text}`);
      const { version } = JSON.parse(pushed.text) as { version: number };
      expectKept(version > (versions.at(-1) ?? 0), `version ${version} came after ${versions.at(-1)}`);
      versions.push(version);
    }
    const deployed = await site.call(`/v1/apps/${app}/deploy`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': uuidOf(random) },
      body: JSON.stringify({ version: random.pick(versions) }),
    });
    expectKept(deployed.status === 202, () => `deploy of ${name}: ${deployed.status} ${deployed.text}`);
    const { deployment_id: id } = JSON.parse(deployed.text) as { deployment_id: string };
    expectKept(!deployments.includes(id), `deployment ${id} was accepted twice`);
    deployments.push(id);
    await sayYes(site, id);
    const end = await ended(id);
    expectKept(end === 'deployment_succeeded', `deployment ${id} of ${name} ended as ${end}`);
  }
}

/** One app from its first push until it serves. */
export async function publishOnce(site: Site, app: string, name: string, random: Random): Promise<void> {
  const into: Published = { app, versions: [], deployments: [] };
  const phase = async (id: string) =>
    JSON.parse((await site.call(`/v1/deployments/${id}`)).text).phase as string;
  const ended = async (id: string) => {
    await until(`${name} is deployed`, async () => ['switched', 'failed'].includes(await phase(id)));
    return (await phase(id)) === 'switched' ? 'deployment_succeeded' : 'deployment_failed';
  };
  await publish(name, site, random, () => into.deployments.length > 0, ended, into);
  const { status, body } = await get(`${site.office.url}/app/${app}/`);
  expectKept(status === 200, `${name} is deployed and answers ${status}: ${body.slice(0, 300)}`);
}

/**
 * The app's folder as the CLI sends it.
 *
 * @param mark makes a version of its own of it
 * @param runtime lines for the manifest's `[runtime]`
 */
export async function tinyApp(
  uuid: string,
  name: string,
  mark: number,
  runtime = '',
): Promise<Uint8Array<ArrayBuffer>> {
  const manifest = (await readFile(join(TINY, 'tabbify.toml'), 'utf8')).replace(
    'name = "tiny"',
    `id = "${uuid}"\nname = "${name}"`,
  );
  const tar = pack();
  tar.entry({ name: 'README.md' }, `version ${mark}\n`);
  tar.entry({ name: 'app.wasm' }, await readFile(join(TINY, 'app.wasm')));
  tar.entry({ name: 'tabbify.toml' }, `${manifest}${runtime}`); // `[runtime]` is its last section
  tar.finalize();
  return gzipSync(await buffer(tar));
}
