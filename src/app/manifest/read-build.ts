import { type BuildFacts, buildKindOf } from './build-defaults.ts';
import { type Findings, named } from './findings.ts';
import type { KeyPath } from './key-path.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { Manifest, RuntimeKind } from './model.ts';
import { checkAssets, readAssets } from './read-assets.ts';
import { readHosts } from './read-capabilities.ts';
import { readPath } from './read-path.ts';
import { BUILD_KINDS, RUNTIME_KINDS } from './values.ts';

/** What `[build]` and `[runtime]` say, or leave open, about how the app is made. */
export function readBuildFacts(reader: ManifestReader, hasComponent: boolean): BuildFacts {
  return {
    declaredKind: reader.oneOf(['build', 'kind'], BUILD_KINDS),
    declaredType: reader.oneOf(['runtime', 'type'], RUNTIME_KINDS),
    hasMain: reader.has(['build', 'main']),
    hasAssets: reader.has(['build', 'assets']),
    hasImage: reader.has(['runtime', 'image']),
    hasComponent,
  };
}

/** `[build]`. */
export function readBuild(reader: ManifestReader, findings: Findings, facts: BuildFacts): Manifest['build'] {
  const kind = buildKindOf(facts);
  const main = readPath(reader, findings, ['build', 'main']);
  const assets = readAssets(reader, findings);
  if (kind === 'js' && !facts.hasMain && !facts.hasAssets) {
    const hint = 'add `build.main`, e.g. main = "src/main.ts"';
    findings.atKey('error', ['build', 'kind'], 'there is no module to run', hint);
  }
  if (assets !== null && !facts.hasImage) checkAssets(reader, findings, facts, assets);
  if (kind === 'docker' && facts.hasMain && !facts.hasImage) {
    findings.atKey('warning', ['build', 'main'], '`build.main` is not used by a docker build', 'remove it');
  }
  if (facts.hasImage) refuseBuild(reader, findings, facts);
  else if (kind !== 'docker') warnOfDockerKeys(reader, findings, kind);
  return {
    kind,
    main: kind === 'js' ? main : null,
    assets,
    context: readFolder(reader, findings, ['build', 'context']) ?? '.',
    dockerfile: readPath(reader, findings, ['build', 'dockerfile']) ?? 'Dockerfile',
    builder: reader.text(['build', 'builder']),
    network: readHosts(reader, findings, ['build', 'network']),
  };
}

/** A prebuilt image takes the place of a build. */
function refuseBuild(reader: ManifestReader, findings: Findings, { declaredKind }: BuildFacts): void {
  const what = '`runtime.image` names a prebuilt image, so nothing is built';
  if (declaredKind !== null && declaredKind !== 'docker') {
    findings.atValue(['build', 'kind'], what, 'remove `build.kind`, or the image');
  }
  for (const key of ['main', 'assets', 'context', 'dockerfile', 'builder', 'network']) {
    const path = ['build', key];
    if (reader.has(path)) findings.atKey('error', path, what, `remove ${named(path)}, or the image`);
  }
}

function warnOfDockerKeys(reader: ManifestReader, findings: Findings, kind: string): void {
  for (const key of ['context', 'dockerfile', 'network']) {
    const path = ['build', key];
    if (reader.has(path)) {
      findings.atKey('warning', path, `${named(path)} is not used by a ${kind} build`, 'remove it');
    }
  }
}

/** Not everything that is built can be run in every way (CONTRACTS §4). */
export function refuseRuntimes(findings: Findings, facts: BuildFacts, deploy: Manifest['deploy']): void {
  const kind = buildKindOf(facts);
  if (kind === 'js') return; // runs as all of them
  const asked: (readonly [KeyPath, RuntimeKind | null])[] = [
    [['runtime', 'type'], facts.declaredType],
    ...deploy.map(({ runtime }, index) => [['deploy', index, 'runtime'], runtime] as const),
  ];
  const made = kind === 'wasm' ? 'a component' : 'a container image';
  for (const [path, type] of asked) {
    const hintForImage = 'write "docker" or "firecracker", or leave it out';
    if (type === 'worker') {
      const what = `${named(path)} cannot be "worker": that runs a JavaScript module, and this build makes ${made}`;
      findings.atValue(
        path,
        what,
        'name the module, e.g. main = "src/main.ts" under [build], or leave it out',
      );
    }
    if (type === 'wasm-http' && kind === 'docker') {
      const what = `${named(path)} cannot be "wasm-http": that runs a component, and this build makes ${made}`;
      const hint = facts.hasImage
        ? hintForImage
        : 'set `build.kind = "wasm"` and put the component into the folder, or leave it out';
      findings.atValue(path, what, hint);
    }
  }
}

/** The folder itself will do. */
function readFolder(reader: ManifestReader, findings: Findings, path: KeyPath): string | null {
  return /^(\.\/)*\.?$/.test(reader.text(path) ?? '') ? '.' : readPath(reader, findings, path);
}
