import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../kit/index.ts';

const stored = z.object({ name: z.string(), credential: z.string() });

/** The credential a supervisor got when it joined: `TABBIFY_HOME/supervisor-<name>.json`, 0600. */
export interface CredentialFile {
  load(): Promise<string | null>;
  save(credential: string): Promise<void>;
}

export function openCredentialFile(home: string, name: string): CredentialFile {
  const path = join(home, `supervisor-${name}.json`);
  return {
    async load() {
      try {
        return stored.parse(JSON.parse(await readFile(path, 'utf8'))).credential;
      } catch {
        return null; // absent or damaged: the supervisor joins again
      }
    },
    save: (credential) => writeFileAtomic(path, JSON.stringify({ name, credential }), 0o600),
  };
}
