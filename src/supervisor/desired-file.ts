import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../kit/index.ts';
import { type DesiredState, desiredState } from './protocol.ts';

/** The last desired set this host was told, so that it goes on while the node is away (CONTRACTS §8). */
export interface DesiredFile {
  /** Null when there is none, or it cannot be read: then nothing is decided before the node has spoken. */
  load(): Promise<DesiredState | null>;
  save(state: DesiredState): Promise<void>;
}

/** `desired.json` in the supervisor's directory. */
export function openDesiredFile(directory: string): DesiredFile {
  const path = join(directory, 'desired.json');
  return {
    async load() {
      try {
        return desiredState.parse(JSON.parse(await readFile(path, 'utf8')));
      } catch {
        return null;
      }
    },
    save: (state) => writeFileAtomic(path, JSON.stringify(state)),
  };
}
