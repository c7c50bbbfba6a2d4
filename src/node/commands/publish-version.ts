import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import {
  appUla,
  deniedRequests,
  formatDiagnostic,
  MANIFEST_FILE,
  type Manifest,
  slugOf,
  unusedRequests,
} from '../../app/index.ts';
import {
  DEFAULT_UNPACK_LIMITS,
  type ObjectStore,
  type PublishedVersion,
  publishVersion,
  unpackInChild,
} from '../../artifacts/index.ts';
import { type Clock, type Logger, newId } from '../../kit/index.ts';
import type { LogStore } from '../../log/index.ts';
import { appByAddress, appBySlug, domainEvent, type OfficeState } from '../../state/index.ts';
import { FIRST_OFFICE, requireInForce } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import { readManifestFile } from '../manifest-file.ts';
import type { VersionLimits } from '../versions/limits.ts';
import { publishedAssets, requireAssets } from '../versions/published-assets.ts';
import { checkQuota } from '../versions/quota.ts';
import { dropOldVersions } from '../versions/remove-version.ts';
import type { CommandQueue } from './command-queue.ts';
import { type Asker, idFor } from './idempotency.ts';
import { publishedBefore } from './published-before.ts';
import { runSettingsOf } from './run-settings.ts';
import { deniedWarning, unusedWarning } from './warnings.ts';

export interface PublishTools {
  /** `TABBIFY_HOME`. */
  readonly home: string;
  readonly log: LogStore;
  readonly store: ObjectStore;
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly versionLimits: VersionLimits;
}

/** What a push is answered with. */
export interface Published {
  readonly uuid: string;
  readonly version: number;
  readonly digest: string;
  readonly warnings: readonly string[];
}

/**
 * Takes a gzipped tar in as the app's next version (CONTRACTS §5): unpack in a child, check the manifest, store, then
 * say so in the log. The first version registers the app under its name and address; a later one may rename it.
 *
 * @param archive read to its end or left alone
 * @throws archive_invalid …, manifest_invalid, quota_exceeded, app_id_mismatch, name_taken, address_taken, app_name_reserved
 */
export async function publish(
  tools: PublishTools,
  asker: Asker,
  uuid: string,
  archive: Readable,
  signal: AbortSignal,
): Promise<Published> {
  const eventId = idFor(asker, `publish ${uuid}`);
  const folder = join(tools.home, 'uploads', newId());
  await mkdir(join(tools.home, 'uploads'), { recursive: true, mode: 0o700 });
  try {
    const { bytes } = await unpackInChild(archive, folder, DEFAULT_UNPACK_LIMITS, { signal });
    const checked = await readManifest(folder, uuid);
    const { office } = asker.principal;
    const before =
      asker.idempotencyKey === null ? null : await publishedBefore(tools.log, office, uuid, eventId);
    if (before !== null) return { uuid, ...before, warnings: checked.warnings };
    checkName(tools.live.office, asker, uuid, checked.slug);
    checkQuota(tools.live.office, { office, app: uuid }, bytes, tools.versionLimits);
    const stored = await publishVersion(tools.store, {
      office,
      app: uuid,
      dir: folder,
    });
    const published = await tools.commands.run(() => announce(tools, asker, uuid, eventId, checked, stored));
    await dropOldVersions(tools, uuid, tools.versionLimits.keep);
    return published;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface CheckedManifest {
  readonly manifest: Manifest;
  readonly slug: string;
  readonly warnings: readonly string[];
}

async function readManifest(folder: string, uuid: string): Promise<CheckedManifest> {
  const found = await readManifestFile(folder);
  if (found === null) {
    throw nodeError('manifest_invalid', {
      what: `The archive holds no ${MANIFEST_FILE} at its root`,
      hint: 'Make one with `tcli init`',
    });
  }
  const { text, manifest, diagnostics } = found;
  if (manifest === null) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    throw nodeError('manifest_invalid', {
      what: 'The manifest has errors',
      why: errors.map((each) => formatDiagnostic(each, text)).join('\n'),
      hint: 'Check it with `tcli validate`',
    });
  }
  if (manifest.app.id?.toLowerCase() !== uuid) {
    throw nodeError('app_id_mismatch', {
      what: `The manifest is not stamped with ${uuid}`,
      why: manifest.app.id === null ? 'it has no `app.id`' : `its \`app.id\` is ${manifest.app.id}`,
      hint: 'Push with `tcli push`, which stamps the id of tabbify.lock',
    });
  }
  await requireAssets(folder, manifest);
  return {
    manifest,
    slug: slugOf(manifest.app.name),
    warnings: [
      ...diagnostics.map((each) => (each.hint === null ? each.message : `${each.message}; ${each.hint}`)),
      ...deniedWarning(deniedRequests(manifest)),
      ...unusedWarning(unusedRequests(manifest)),
    ],
  };
}

/**
 * Names are unique in the office, addresses on the machine; checked before bytes are stored, and again in the queue.
 * Where an app of the first office answers, no other office may have its apps below: they would share cookies.
 */
function checkName(office: OfficeState, asker: Asker, uuid: string, slug: string): void {
  const named = appBySlug(office, slug, asker.principal.office);
  if (named !== null && named.uuid !== uuid) {
    throw nodeError('name_taken', {
      what: `Another app of this office is named '${slug}'`,
      why: `it is ${named.uuid}`,
      hint: 'Choose another `app.name`, or push with that app’s tabbify.lock',
    });
  }
  if (asker.principal.office === FIRST_OFFICE && office.offices.has(slug)) {
    throw nodeError('name_taken', {
      what: `An app of this office cannot be named '${slug}'`,
      why: 'an office of that name has its apps at addresses below',
      hint: 'Choose another `app.name`',
    });
  }
  const known = office.apps.get(uuid);
  if (known !== undefined && known.office !== asker.principal.office) {
    throw nodeError('app_unknown', {
      what: `No app ${uuid} in this office`,
      hint: 'Remove `app.id` and tabbify.lock to push it as a new app',
    });
  }
  const neighbour = appByAddress(office, appUla(uuid));
  if (neighbour !== null && neighbour.uuid !== uuid) {
    throw nodeError('address_taken', {
      what: `The address of ${uuid} belongs to another app`,
      why:
        neighbour.office === asker.principal.office
          ? `${neighbour.uuid} has ${neighbour.ula}`
          : `another app has ${neighbour.ula}`,
      hint: 'Remove tabbify.lock and push again to get another id',
    });
  }
}

async function announce(
  tools: PublishTools,
  asker: Asker,
  uuid: string,
  eventId: string,
  { manifest, slug, warnings }: CheckedManifest,
  stored: PublishedVersion,
): Promise<Published> {
  const { live, commands, clock } = tools;
  const { office, actor } = asker.principal;
  requireInForce(asker.principal);
  checkName(live.office, asker, uuid, slug);
  const known = live.office.apps.get(uuid);
  const context = { actor, source: '/node', office, clock };
  if (known === undefined || known.slug !== slug || known.name !== manifest.app.name) {
    const registered = { app: uuid, name: manifest.app.name, slug, ula: appUla(uuid) };
    await commands.append(domainEvent('app_registered', registered, context));
  }
  const { version, digest, files, bytes } = stored;
  const { duplicate } = await commands.append(
    domainEvent(
      'version_published',
      {
        app: uuid,
        version,
        digest,
        files,
        bytes,
        name: manifest.app.name,
        visibility: manifest.app.visibility,
        runtime: runSettingsOf(manifest),
        assets: publishedAssets(manifest),
        runtime_declared: manifest.runtime.typeDeclared,
        env: { ...manifest.env },
        targets: manifest.deploy.map(({ supervisor, runtime, env }) => ({
          supervisor,
          runtime,
          env: { ...env },
        })),
        denied: [...deniedRequests(manifest)],
      },
      { ...context, id: eventId },
    ),
  );
  // a repeat that overtook the first push appended nothing: both are answered with what the log has
  const first = duplicate ? await publishedBefore(tools.log, office, uuid, eventId) : null;
  return { uuid, ...(first ?? { version, digest }), warnings };
}
