import { artifactKey } from '../office-state.ts';
import type { Changes } from './changes.ts';
import { advance } from './deployment-phase.ts';
import { sharedWith } from './shared.ts';

export const appChanges: Changes<
  'app_registered' | 'version_published' | 'version_removed' | 'artifact_built'
> = {
  /** A name or an address that another app has stays with that app: the first registration counts. */
  app_registered(state, data, event) {
    const slugKey = `${event.tenant}/${data.slug}`;
    if ((state.slugs.get(slugKey) ?? data.app) !== data.app) return;
    if ((state.addresses.get(data.ula) ?? data.app) !== data.app) return;
    const before = state.apps.get(data.app);
    if (before !== undefined) {
      state.slugs.delete(`${before.office}/${before.slug}`);
      state.addresses.delete(before.ula);
    }
    state.slugs.set(slugKey, data.app);
    state.addresses.set(data.ula, data.app);
    state.apps.set(data.app, {
      uuid: data.app,
      office: event.tenant,
      name: data.name,
      slug: data.slug,
      ula: data.ula,
      registeredAt: before?.registeredAt ?? event.time,
      registeredBy: before?.registeredBy ?? event.actor,
      versions: before?.versions ?? new Map(),
      latestVersion: before?.latestVersion ?? 0,
      artifacts: before?.artifacts ?? new Map(),
      deployments: before?.deployments ?? [],
      openDeployments: before?.openDeployments ?? new Set(),
      placements: before?.placements ?? new Map(),
      inPlace: before?.inPlace ?? null,
      dataOn: before?.dataOn ?? null,
      deniedHosts: before?.deniedHosts ?? new Map(),
      decidedHosts: before?.decidedHosts ?? new Set(),
      grants: before?.grants ?? new Map(),
    });
  },
  /** A version is immutable: a second event for the same number is left alone. */
  version_published(state, data, event) {
    const app = state.apps.get(data.app);
    if (app === undefined || app.versions.has(data.version)) return;
    const before = app.versions.get(app.latestVersion);
    app.versions.set(data.version, {
      version: data.version,
      digest: data.digest,
      files: data.files,
      bytes: data.bytes,
      name: sharedWith(before?.name, data.name),
      visibility: data.visibility,
      runtime: sharedWith(before?.runtime, data.runtime),
      assets: sharedWith(before?.assets, data.assets),
      runtimeDeclared: data.runtime_declared,
      env: sharedWith(before?.env, data.env),
      targets: sharedWith(before?.targets, data.targets),
      requests: sharedWith(before?.requests, data.requests),
      secrets: sharedWith(before?.secrets, data.secrets),
      doubts: sharedWith(before?.doubts, data.doubts),
      inherited: sharedWith(before?.inherited, data.inherited),
      publishedAt: event.time,
      publishedBy: event.actor,
      removedAt: null,
    });
    app.latestVersion = Math.max(app.latestVersion, data.version);
  },
  /** What was built of it is gone too: another version with the same files is built anew. */
  version_removed(state, data, event) {
    const app = state.apps.get(data.app);
    const version = app?.versions.get(data.version);
    if (app === undefined || version === undefined || version.removedAt !== null) return;
    app.versions.set(data.version, { ...version, removedAt: event.time });
    for (const [key, artifact] of app.artifacts) {
      if (artifact.version === data.version) app.artifacts.delete(key);
    }
  },
  artifact_built(state, data, event) {
    const app = state.apps.get(data.app);
    if (app === undefined) return;
    app.artifacts.set(artifactKey(data.version_digest, data.kind, data.builder_digest), {
      version: data.version,
      versionDigest: sharedWith(app.versions.get(data.version)?.digest, data.version_digest),
      kind: data.kind,
      builderDigest: data.builder_digest,
      digest: data.digest,
      prefix: data.prefix,
      buildMs: data.build_ms,
    });
    for (const id of app.openDeployments) {
      if (state.deployments.get(id)?.digest === data.version_digest) advance(state, id, event);
    }
  },
};
