import type { Manifest } from '../app/index.ts';
import { builderError } from './errors.ts';

/** What a build is at: `install`, `bundle`, `componentize`, `transpile`, `meter` or `cached`. */
export type BuildStep = 'install' | 'bundle' | 'componentize' | 'transpile' | 'meter' | 'cached';

export interface BuildRequest {
  /** Folder of the unpacked version; only read. */
  readonly sourceDir: string;
  /** Where the artifact goes; made if missing, must be empty. */
  readonly outDir: string;
  readonly manifest: Manifest;
  readonly runtime: 'wasm-http';
  /** Artifacts of earlier builds, by digest of all that decides the output. */
  readonly cacheDir: string;
  readonly onProgress?: (step: BuildStep, detail: string) => void;
  readonly signal?: AbortSignal;
  /** Milliseconds, default 120 000. */
  readonly timeoutMs?: number;
}

export interface BuildResult {
  readonly kind: 'wasm-http';
  /** Folder of the artifact (= `outDir`). */
  readonly dir: string;
  readonly buildMs: number;
}

/** Makes the artifact of a version. */
export async function buildArtifact(request: BuildRequest): Promise<BuildResult> {
  throw builderError('build_broken', { what: `No builder yet for ${request.runtime}` });
}
