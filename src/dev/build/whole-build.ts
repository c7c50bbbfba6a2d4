import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Manifest } from '../../app/index.ts';
import { buildArtifact, type NotRebuilt, type Rebuilder, type Rebuilt } from '../../builder/index.ts';
import { TabbifyError } from '../../kit/index.ts';

export interface WholeBuildOptions {
  readonly root: string;
  readonly manifest: Manifest;
  /** `TABBIFY_HOME` of the server. */
  readonly home: string;
  /** Folder of this process alone. */
  readonly folder: string;
  /** Paths inside `root` of what a push sends. */
  readonly files: () => Promise<ReadonlySet<string>>;
  readonly warn: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes a component of an app by the very build of a push, from a copy of what a push sends: seconds for TypeScript. A component that the
 * app ships is taken apart in less than one.
 */
export function wholeBuild(options: WholeBuildOptions): Rebuilder {
  const { root, manifest, home, folder, warn, signal } = options;
  const { main } = manifest.build;
  let turn = 0;
  /** Folder of a build whose artifact nobody has wanted. */
  let left: string | null = null;
  return {
    async rebuild(): Promise<Rebuilt | NotRebuilt> {
      if (left !== null) await rm(left, { recursive: true, force: true });
      const work = join(folder, `build-${++turn}`);
      left = work;
      const [sourceDir, outDir] = [join(work, 'source'), join(work, 'artifact')];
      const names = main === null ? [manifest.runtime.entry] : [...(await options.files())];
      const warnings: string[] = [];
      try {
        const digest = await copyAll(root, sourceDir, names);
        const onProgress = (step: string, detail: string): void => {
          if (step === 'warning') warnings.push(detail);
          if (step === 'unboxed') warn(detail);
        };
        await buildArtifact({ sourceDir, outDir, manifest, kind: 'wasm-http', home, onProgress, signal });
        await rm(sourceDir, { recursive: true, force: true });
        return {
          kind: 'built',
          digest,
          ...{ bytes: 0, modules: names.length, warnings, packages: [] },
          files: new Set(names.map((name) => resolve(root, name))),
          write: async (to) => {
            await rename(outDir, to);
            if (left === work) left = null;
            await rm(work, { recursive: true, force: true });
          },
        };
      } catch (error) {
        await rm(work, { recursive: true, force: true });
        if (error instanceof TabbifyError && error.status < 500) return { kind: 'failed', error };
        throw error;
      }
    },
    close: async () => {},
  };
}

/** @returns digest of all of it. What has gone meanwhile is missed by the build, which says so. */
async function copyAll(root: string, to: string, names: readonly string[]): Promise<string> {
  await mkdir(to, { recursive: true });
  const hash = createHash('sha256');
  for (const name of names) {
    const copy = join(to, name);
    await mkdir(dirname(copy), { recursive: true });
    const content = await readFile(join(root, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return null;
    });
    if (content === null) continue;
    await writeFile(copy, content);
    hash.update(JSON.stringify([name, content.length])).update(content);
  }
  return hash.digest('hex');
}
