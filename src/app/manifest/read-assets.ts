import { areFilesAlone, type BuildFacts } from './build-defaults.ts';
import { type Findings, named } from './findings.ts';
import type { KeyPath } from './key-path.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { Manifest } from './model.ts';
import { readPath } from './read-path.ts';

const ASSETS: KeyPath = ['build', 'assets'];

/** What of a manifest is about a process, and means nothing where none is started. */
const OF_A_PROCESS: readonly (readonly string[])[] = [['runtime'], ['health'], ['env'], ['schedule']];

/** An app that is static files and nothing else: nothing is built, placed or started. */
export function isFilesAlone({ kind, main, assets }: Manifest['build']): boolean {
  return kind === 'js' && main === null && assets !== null;
}

/** `build.assets`: a folder of its own, as everything in it is served. */
export function readAssets(reader: ManifestReader, findings: Findings): string | null {
  const text = reader.text(ASSETS);
  if (text !== null && /^(\.\/)*\.?$/.test(text)) {
    const what = '`build.assets` cannot be the whole folder: its manifest and its source would be served';
    findings.atValue(ASSETS, what, 'put the static files into a folder of their own, e.g. assets = "public"');
    return null;
  }
  return readPath(reader, findings, ASSETS);
}

/**
 * What cannot stand beside static files: the source among them, hosts and a runtime for files that nothing runs.
 *
 * @param folder of `readAssets`
 */
export function checkAssets(
  reader: ManifestReader,
  findings: Findings,
  facts: BuildFacts,
  folder: string,
): void {
  for (const path of [
    ['build', 'main'],
    ['runtime', 'entry'],
  ]) {
    const file = reader.value(path);
    if (typeof file !== 'string' || !`${file.replace(/^(\.\/)+/, '')}/`.startsWith(`${folder}/`)) continue;
    const what = `${named(path)} lies in \`build.assets\`, and all that lies there is served`;
    findings.atValue(path, what, `move it out of ${folder}/`);
  }
  if (!areFilesAlone(facts)) return;
  if (facts.declaredType === 'worker') {
    const what = 'there is no module to run as "worker"';
    const hint =
      'add `build.main`, e.g. main = "src/main.ts", or leave `runtime.type` out: static files need none';
    findings.atValue(['runtime', 'type'], what, hint);
    return;
  }
  const alone = 'the app is static files alone, which the office serves by itself';
  reader.tables(['deploy']).forEach((path) => {
    findings.atKey(
      'error',
      path,
      `nothing can be deployed to a host: ${alone}`,
      'remove `[[deploy]]`, or add `build.main`',
    );
  });
  for (const path of OF_A_PROCESS) {
    if (!reader.has(path)) continue;
    const what = `${named(path)} has no effect: ${alone}, so nothing is started`;
    findings.atKey('warning', path, what, 'remove it, or add `build.main`');
  }
}
