import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ARTIFACT_FILE } from '../artifact-format.ts';
import type { ArtifactKind } from '../artifact-kind.ts';
import type { ArtifactTaker } from './run-in-box.ts';

/** Bytes of an artifact; one of a TypeScript app is about 17 MB. */
const MAX_BYTES = 192 << 20;

/** Names of the files of each kind: whoever builds chooses no path. */
const NAMES: Readonly<Record<ArtifactKind, RegExp>> = {
  module: /^app\.mjs(\.map)?$/,
  'wasm-http': /^app(\.mjs|\.js\.map|\.core\d{0,3}\.wasm)$/,
};

/** The files of an artifact as they come out of a box, whose word counts for nothing else. */
export interface ReceivedArtifact extends ArtifactTaker {
  /** Writes them to a folder that is made for them. */
  write(folder: string): Promise<void>;
}

export function receiveArtifact(kind: ArtifactKind): ReceivedArtifact {
  const files = new Map<string, Buffer[]>();
  let current: Buffer[] = [];
  let size = 0;
  return {
    begin(name, bytes) {
      if (name !== ARTIFACT_FILE && !NAMES[kind].test(name)) {
        return `an artifact has no file ${JSON.stringify(name.slice(0, 100))}`;
      }
      if (files.has(name)) return `an artifact has one file ${name}`;
      size += bytes;
      if (size > MAX_BYTES) return `an artifact has ${MAX_BYTES >> 20} MiB at most`;
      current = [];
      files.set(name, current);
      return null;
    },
    take(part) {
      current.push(part);
    },
    async write(folder) {
      await mkdir(folder, { recursive: true });
      for (const [name, parts] of files) await writeFile(join(folder, name), parts);
    },
  };
}
