import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatDiagnostic, isFilesAlone, type Manifest, slugOf } from '../../app/index.ts';
import type { ArtifactKind } from '../../builder/index.ts';
import { TabbifyError } from '../../kit/index.ts';
import { readAppSource } from './app-source.ts';

/** What a check found, as text for whoever wrote the app. */
export interface AppCheck {
  readonly ok: boolean;
  readonly text: string;
}

export interface CheckOptions {
  /** `TABBIFY_HOME`: a push finds there what a check has built. */
  readonly home: string;
  /** Slugs of other apps. */
  readonly taken: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/**
 * Checks an app's folder as a push would: manifest, files, name, and the build for the runtime that it names. The build runs as every other;
 * its result is thrown away.
 *
 * @throws what is no fault of the app: an abort, a broken builder
 */
export async function checkApp(dir: string, options: CheckOptions): Promise<AppCheck> {
  try {
    const source = await readAppSource('/', dir, false);
    const findings = source.diagnostics.map((each) => formatDiagnostic(each, source.manifestText)).join('\n');
    if (source.manifest === null) return { ok: false, text: findings };
    const slug = slugOf(source.manifest.app.name);
    if (options.taken.has(slug)) {
      return {
        ok: false,
        text: `Another app of the office is named \`${slug}\`; choose another \`app.name\`.`,
      };
    }
    if (isFilesAlone(source.manifest.build)) return { ok: true, text: findings };
    const { artifactKindOf } = await import('../../builder/index.ts');
    const { type } = source.manifest.runtime;
    const kind = artifactKindOf(type);
    if (kind === null) {
      const text = `\`runtime.type = "${type}"\` cannot be run in this version; leave it out, or use \`worker\` or \`wasm-http\`.`;
      return { ok: false, text };
    }
    await build(source.root, source.manifest, kind, options);
    return { ok: true, text: findings };
  } catch (error) {
    // Statuses below 500 are the author's to mend; only those go back as text.
    if (options.signal.aborted || !(error instanceof TabbifyError) || error.status >= 500) throw error;
    return { ok: false, text: error.hint === undefined ? error.message : `${error.message}\n${error.hint}` };
  }
}

async function build(
  sourceDir: string,
  manifest: Manifest,
  kind: ArtifactKind,
  options: CheckOptions,
): Promise<void> {
  const { buildArtifact } = await import('../../builder/index.ts');
  const scratch = await mkdtemp(join(tmpdir(), 'tabbify-check-'));
  try {
    await buildArtifact({
      sourceDir,
      outDir: join(scratch, 'artifact'),
      manifest,
      kind,
      home: options.home,
      signal: options.signal,
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
