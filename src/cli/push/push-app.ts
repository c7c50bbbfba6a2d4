import { stampAppId } from '../../app/index.ts';
import { treeDigest } from '../../artifacts/index.ts';
import { TabbifyError } from '../../kit/index.ts';
import type { Consent, Waiting } from '../approvals/consent.ts';
import { type AppSource, manifestOf, warningTexts } from '../check/app-source.ts';
import type { ApprovalReply } from '../client/approvals.ts';
import type { NodeClient } from '../client/node-client.ts';
import type { DeploymentReply, PublishedReply } from '../client/replies.ts';
import { followWithPersons } from '../deployments/follow-with-persons.ts';
import { requireInPlace } from '../deployments/outcome.ts';
import type { DeploymentProgress } from '../deployments/progress.ts';
import { standInLines } from '../deployments/stand-in-lines.ts';
import { cliError } from '../errors.ts';
import { sizeText } from '../terminal/table.ts';
import { type AppFile, listAppFiles } from './app-files.ts';
import { archiveApp } from './archive.ts';
import { fileDigests } from './file-digests.ts';
import { type Identity, readIdentity, writeLock } from './identity.ts';
import { missingSecretWarnings } from './missing-secrets.ts';
import { uploadApp } from './upload-app.ts';
import type { UploadTally } from './upload-tally.ts';

/** Names under which people keep keys: `.env`, `.env.local`, `*.pem`, `id_ed25519`. */
const LIKELY_SECRET = /(^|\/)\.env(\.|$)|\.pem$|(^|\/)id_[a-z0-9]+$/;

/** Up to so many bytes go in one request, as an archive; more content by content, so that it can go on where it was cut off. */
const ONE_REQUEST_BYTES = 8 << 20;

/** What a push is about to do; nothing has been changed yet. */
export interface PushPlan {
  readonly source: AppSource;
  readonly identity: Identity;
  readonly name: string;
  readonly files: readonly AppFile[];
  /** Findings about the folder. Those about the manifest are the office's to say when it has the version. */
  readonly warnings: readonly string[];
}

/** What a push did. The shape of `tcli push --json` (CONTRACTS §12). */
export interface PushResult {
  readonly uuid: string;
  readonly name: string;
  readonly version: number;
  readonly digest: string;
  readonly url: string;
  readonly path_url: string;
  readonly visibility: 'private' | 'public';
  /** The version was published before, by an earlier push of the very same files. */
  readonly unchanged: boolean;
  /** This is the version that its hosts have. */
  readonly in_place: boolean;
  /** Null with `--no-deploy`, and where the same files are in place already. */
  readonly deployment_id: string | null;
  /** Null where nothing was deployed. */
  readonly phase: string | null;
  /** What the deployment waits for: a person has to say yes. */
  readonly approval: ApprovalReply | null;
  /** Who has to say yes, where whoever pushed could not. */
  readonly waits_for: string | null;
  /** How it went on each host; empty with `--no-deploy`. */
  readonly results: DeploymentReply['results'];
  readonly warnings: readonly string[];
}

/**
 * Reads what would be pushed. Changes nothing.
 *
 * @param dir the folder as the person named it, for texts
 * @throws TabbifyError `manifest_invalid`, `app_folder`, `identity_conflict`, `lock_invalid`
 */
export async function planPush(source: AppSource, dir: string): Promise<PushPlan> {
  const manifest = manifestOf(source, dir);
  const identity = await readIdentity(source.root, manifest);
  const files = await listAppFiles(source.root);
  const warnings = files
    .filter(({ path }) => LIKELY_SECRET.test(path))
    .map(({ path }) => `${path} may hold secrets and is uploaded; name it in .tabbifyignore`);
  return { source, identity, name: manifest.app.name, files, warnings };
}

export interface PushOptions {
  readonly deploy: boolean;
  readonly consent: Consent;
  readonly progress: DeploymentProgress;
  /** Told how the upload gets on. */
  readonly tally: UploadTally;
  /** The office's API anew: it may come back at another address. */
  readonly connect: () => Promise<NodeClient>;
  readonly signal: AbortSignal;
}

/** `3 files (1.2 KB)` */
export function uploadText({ files }: PushPlan): string {
  return `${files.length} ${files.length === 1 ? 'file' : 'files'} (${sizeText(bytesOf(files))})`;
}

function bytesOf(files: readonly AppFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}

/**
 * Publishes the next version and deploys it. The lock is written as soon as the version exists, so that a failed
 * deployment does not lose the app's identity.
 *
 * @throws TabbifyError `deployment_failed` when it is in place on no host; `results` tell of those that failed
 */
export async function executePush(
  client: NodeClient,
  plan: PushPlan,
  options: PushOptions,
): Promise<PushResult> {
  const { source, identity } = plan;
  const stamped = stampAppId(source.manifestText, identity.uuid);
  const replaced = new Map([[source.manifestFile, stamped]]);
  const same = identity.minted ? null : await publishedAlready(client, plan, replaced);
  const published = same ?? (await sendFiles(client, plan, replaced, options));
  if (published.uuid !== identity.uuid) {
    throw cliError('office_answer', {
      what: 'The office published another app than the one that was sent',
      why: `sent ${identity.uuid}, answered ${published.uuid}`,
      hint: 'This is a fault of the office: please report it.',
    });
  }
  await writeLock(source.root, { appId: published.uuid, latestVersion: published.version });
  let deployment: DeploymentReply | null = null;
  let waiting: Waiting | null = null;
  const wasInPlace = same !== null && (await isInPlace(client, published));
  if (options.deploy && !wasInPlace) {
    const id = await client.deployments.deploy(published.uuid, { version: published.version });
    ({ deployment, waiting } = await followWithPersons(id, options));
    if (waiting === null) requireInPlace(deployment, { name: plan.name, again: 'push again' });
  }
  const office = await options.connect(); // it may have moved meanwhile
  const app = await office.app(published.uuid);
  return {
    uuid: published.uuid,
    name: app.name,
    version: published.version,
    digest: published.digest,
    url: app.url,
    path_url: app.path_url,
    visibility: source.manifest?.app.visibility ?? 'private',
    unchanged: same !== null,
    in_place: wasInPlace || (deployment !== null && waiting === null),
    deployment_id: deployment?.id ?? null,
    phase: deployment?.phase ?? null,
    approval: waiting?.approval ?? null,
    waits_for: waiting?.who || null,
    results: deployment?.results ?? [],
    warnings: [
      ...plan.warnings,
      ...published.warnings,
      ...standInLines(deployment?.results ?? []),
      ...(source.manifest === null ? [] : await missingSecretWarnings(office, source.manifest)),
    ],
  };
}

/** The lock is written before a long upload: the push after one that was killed has to be of the same app. */
async function sendFiles(
  client: NodeClient,
  { source: { root, manifestFile }, identity: { uuid, minted }, files }: PushPlan,
  replaced: ReadonlyMap<string, string>,
  { connect, tally, signal }: PushOptions,
): Promise<PublishedReply> {
  if (bytesOf(files) <= ONE_REQUEST_BYTES)
    return client.publish(uuid, archiveApp(root, files, replaced), signal);
  const digests = await fileDigests(root, files, replaced);
  const manifest = { file: manifestFile, text: replaced.get(manifestFile) ?? '' };
  const begun = async () => {
    if (minted) await writeLock(root, { appId: uuid, latestVersion: 0 });
  };
  return uploadApp(client, uuid, { root, digests, replaced }, { connect, tally, signal, manifest, begun });
}

/** The newest version, when it holds the very same files; null: there is something to push. */
async function publishedAlready(
  client: NodeClient,
  { source, identity, files }: PushPlan,
  replaced: ReadonlyMap<string, string>,
): Promise<PublishedReply | null> {
  const [newest] = await client.versions.list(identity.uuid, 1).catch((error: unknown) => {
    // the lock is of an app that was never published, or of another office
    if (error instanceof TabbifyError && error.status === 404) return [];
    throw error;
  });
  if (newest === undefined || typeof newest.removed_at === 'string') return null;
  if (newest.digest !== treeDigest(await fileDigests(source.root, files, replaced))) return null;
  return {
    uuid: identity.uuid,
    version: newest.version,
    digest: newest.digest,
    warnings: warningTexts(source),
  };
}

/** Does every host that has the app have this version, without a failure? */
async function isInPlace(client: NodeClient, { uuid, version }: PublishedReply): Promise<boolean> {
  const { state, instances, version: current } = await client.app(uuid);
  const [last] = await client.deployments.list(uuid, 1);
  return (
    current === version &&
    ['running', 'idle', 'stopped', 'serving'].includes(state) &&
    instances.every((instance) => instance.version === version) &&
    last?.phase === 'switched'
  );
}
