import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import {
  appUla,
  formatDiagnostic,
  MANIFEST_FILE,
  type Manifest,
  requestedCapabilities,
  secretsOf,
  slugOf,
  unusedRequests,
} from '../../app/index.ts';
import {
  advanceLatest,
  artifactError,
  DEFAULT_UNPACK_LIMITS,
  type ListedFile,
  type ObjectStore,
  type PublishedVersion,
  storeVersion,
  treeDigest,
  unpackInChild,
  withdrawVersion,
} from '../../artifacts/index.ts';
import { type Clock, type Logger, messageOf, newId } from '../../kit/index.ts';
import type { LogStore } from '../../log/index.ts';
import { appByAddress, appBySlug, domainEvent, type OfficeState } from '../../state/index.ts';
import type { PolicyOf } from '../approvals/policies.ts';
import { FIRST_OFFICE, requireInForce } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import { COMPONENT, type FoundManifest, readManifestFile, readManifestText } from '../manifest-file.ts';
import type { UploadStanding, Uploads } from '../uploads/uploads.ts';
import type { VersionLimits } from '../versions/limits.ts';
import { notePublishing } from '../versions/publish-notes.ts';
import { publishedAssets, requireAssets } from '../versions/published-assets.ts';
import { checkQuota } from '../versions/quota.ts';
import { dropOldVersions } from '../versions/remove-version.ts';
import type { Reservations } from '../versions/reservations.ts';
import type { CommandQueue } from './command-queue.ts';
import { type Asker, idFor } from './idempotency.ts';
import { publishedBefore } from './published-before.ts';
import { runSettingsOf } from './run-settings.ts';
import { tellCallers } from './tell-hosts.ts';
import { unusedWarning } from './warnings.ts';

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
  /** What pushes under way will take. */
  readonly reservations: Reservations;
  readonly uploads: Uploads;
  readonly policyOf: PolicyOf;
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
  return inFolder(tools, async (folder) => {
    const { bytes } = await unpackInChild(archive, folder, DEFAULT_UNPACK_LIMITS, { signal });
    const push = await pushOf(tools, asker, uuid, folder);
    if ('before' in push) return push.before;
    const { office } = asker.principal;
    checkQuota(tools.live.office, { office, app: uuid }, bytes, tools.versionLimits, tools.reservations);
    const release = tools.reservations.reserve({ office, app: uuid }, bytes);
    try {
      return await store(tools, push);
    } finally {
      release();
    }
  });
}

/** What a push is about to send. */
export interface Announcement {
  readonly files: readonly ListedFile[];
  /** Its manifest, where what is wrong with that is to be said before anything is sent. */
  readonly manifest?: { readonly file: string; readonly text: string } | undefined;
}

/**
 * Begins a push whose files come content by content.
 *
 * @throws app_unknown; what the manifest is refused for by `publish`; what `Uploads.begin` throws
 */
export async function beginUpload(
  { live, uploads }: Pick<PublishTools, 'live' | 'uploads'>,
  asker: Asker,
  uuid: string,
  { files, manifest }: Announcement,
): Promise<UploadStanding> {
  const { office } = asker.principal;
  const known = live.office.apps.get(uuid);
  if (known !== undefined && known.office !== office) throw unknownHere(uuid);
  if (manifest !== undefined) {
    const hasComponent = files.some(({ path }) => path === COMPONENT);
    const { slug } = checkManifest(readManifestText(manifest, hasComponent), uuid);
    checkName(live.office, asker, uuid, slug);
  }
  return uploads.begin({ office, app: uuid }, files);
}

/**
 * Makes the app's next version of an upload; otherwise as `publish`. Its room was found when it began.
 *
 * @throws upload_unknown, upload_busy, upload_incomplete; content_mismatch; what `publish` throws
 */
export async function publishUpload(
  tools: PublishTools,
  asker: Asker,
  uuid: string,
  id: string,
): Promise<Published> {
  const { office } = asker.principal;
  const before = await repeatOf(tools, asker, uuid);
  if (before !== null) return { uuid, ...before, warnings: [] }; // they were told with the first answer
  return inFolder(tools, (folder) =>
    tools.uploads.publish({ office, app: uuid }, id, folder, async (files) => {
      const push = await pushOf(tools, asker, uuid, folder);
      if ('before' in push) return push.before;
      const digest = treeDigest(new Map(files.map((file) => [file.path, file])));
      return store(tools, { ...push, expected: digest });
    }),
  );
}

/** A folder below `uploads/` as long as it is needed. */
async function inFolder<Result>(
  { home }: PublishTools,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = join(home, 'uploads', newId());
  await mkdir(join(home, 'uploads'), { recursive: true, mode: 0o700 });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is about to become a version: checked, not stored. */
interface Push {
  readonly asker: Asker;
  readonly uuid: string;
  readonly eventId: string;
  readonly folder: string;
  readonly checked: CheckedManifest;
  /** Digest that the version must have. */
  readonly expected?: string;
}

/** @returns `before`: what an earlier push under the same key is answered */
async function pushOf(
  tools: PublishTools,
  asker: Asker,
  uuid: string,
  folder: string,
): Promise<Push | { readonly before: Published }> {
  const checked = await readManifest(folder, uuid);
  const before = await repeatOf(tools, asker, uuid);
  if (before !== null) return { before: { uuid, ...before, warnings: checked.warnings } };
  checkName(tools.live.office, asker, uuid, checked.slug);
  return { asker, uuid, eventId: eventIdOf(asker, uuid), folder, checked };
}

function eventIdOf(asker: Asker, uuid: string): string {
  return idFor(asker, `publish ${uuid}`);
}

async function repeatOf({ log }: PublishTools, asker: Asker, uuid: string) {
  if (asker.idempotencyKey === null) return null;
  return publishedBefore(log, asker.principal.office, uuid, eventIdOf(asker, uuid));
}

/**
 * Stores the version, then says so in the log. What was stored and not said is taken back: at once, or by the next start when this
 * process is killed in between, or when nobody knows whether it was said.
 */
async function store(tools: PublishTools, push: Push): Promise<Published> {
  const { asker, uuid, folder, expected } = push;
  const place = { office: asker.principal.office, app: uuid };
  const settled = await notePublishing(tools.home, place);
  const stored = await storeVersion(tools.store, { ...place, dir: folder });
  const saying = { asked: false };
  let announced: Announced;
  try {
    if (expected !== undefined && stored.digest !== expected) throw otherBytes();
    announced = await tools.commands.run(() => announce(tools, push, stored, saying));
  } catch (error) {
    if (!saying.asked) await takeBack(tools, place, stored.version, settled);
    throw error;
  }
  if (announced.isRepeat) await takeBack(tools, place, stored.version, settled);
  else {
    await advanceLatest(tools.store, place, stored.version);
    await settled();
  }
  await dropOldVersions(tools, uuid, tools.versionLimits.keep);
  return announced.published;
}

async function takeBack(
  { store: objects, logger }: PublishTools,
  place: { readonly office: string; readonly app: string },
  version: number,
  settled: () => Promise<void>,
): Promise<void> {
  try {
    await withdrawVersion(objects, place, version);
    await settled();
  } catch (error) {
    logger.warn(
      { err: error, ...place },
      `what a push has left stays until the next start: ${messageOf(error)}`,
    );
  }
}

function otherBytes() {
  return artifactError('content_mismatch', {
    what: 'What was uploaded is not what was announced',
    why: 'its bytes were changed on the office’s disk',
    hint: 'Push again: all of it is sent anew.',
  });
}

interface CheckedManifest {
  readonly manifest: Manifest;
  readonly slug: string;
  readonly warnings: readonly string[];
  /** Those of them that are about what it asks for. */
  readonly doubts: readonly string[];
}

async function readManifest(folder: string, uuid: string): Promise<CheckedManifest> {
  const checked = checkManifest(await readManifestFile(folder), uuid);
  await requireAssets(folder, checked.manifest);
  return checked;
}

function checkManifest(found: FoundManifest | null, uuid: string): CheckedManifest {
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
  const told = diagnostics.map((each) =>
    each.hint === null ? each.message : `${each.message}; ${each.hint}`,
  );
  return {
    manifest,
    slug: slugOf(manifest.app.name),
    doubts: told.filter((each) => OF_RIGHTS.test(each)).slice(0, MAX_DOUBTS),
    warnings: [...told, ...unusedWarning(unusedRequests(manifest))],
  };
}

/** Findings about keys that are meant to ask for something. */
const OF_RIGHTS = /`(capabilities|secrets)\b/;
/** Of those that are kept with the version. */
const MAX_DOUBTS = 20;

function unknownHere(uuid: string) {
  return nodeError('app_unknown', {
    what: `No app ${uuid} in this office`,
    hint: 'Remove `app.id` and tabbify.lock to push it as a new app',
  });
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
    throw unknownHere(uuid);
  }
  if (known !== undefined && known.slug !== slug && asker.principal.kind === 'agent') {
    throw nodeError('person_needed', {
      what: `'${known.slug}' was not published as '${slug}'`,
      why: 'another name is another address from the push on, and an agent asks for nothing that takes effect before a person said yes',
      hint: `Leave \`app.name\` as it is; a person may rename the app with \`tcli push\``,
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

interface Announced {
  readonly published: Published;
  /** A repeat that overtook the first push: the log has another version for it. */
  readonly isRepeat: boolean;
}

/** @param saying is told before the log is asked to say it */
async function announce(
  tools: PublishTools,
  { asker, uuid, eventId, checked: { manifest, slug, warnings, doubts } }: Push,
  stored: PublishedVersion,
  saying: { asked: boolean },
): Promise<Announced> {
  const { live, commands, clock } = tools;
  const { office, actor } = asker.principal;
  requireInForce(asker.principal);
  checkName(live.office, asker, uuid, slug);
  const known = live.office.apps.get(uuid);
  const context = { actor, source: '/node', office, clock };
  if (known === undefined || known.slug !== slug || known.name !== manifest.app.name) {
    const registered = { app: uuid, name: manifest.app.name, slug, ula: appUla(uuid) };
    const event = domainEvent('app_registered', registered, context);
    await commands.append(event);
    if (known?.slug !== slug)
      await tellCallers(tools, office, [slug, ...(known === undefined ? [] : [known.slug])], event.id);
  }
  const { version, digest, files, bytes } = stored;
  saying.asked = true;
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
        requests: requestedCapabilities(manifest, office, tools.policyOf(office).limits),
        secrets: secretsOf(manifest).map((secret) => ({ ...secret })),
        doubts: [...doubts],
        inherited: [],
      },
      { ...context, id: eventId },
    ),
  );
  // a repeat that overtook the first push appended nothing: both are answered with what the log has
  const first = duplicate ? await publishedBefore(tools.log, office, uuid, eventId) : null;
  return {
    published: { uuid, ...(first ?? { version, digest }), warnings },
    isRepeat: first !== null && first.version !== version,
  };
}
