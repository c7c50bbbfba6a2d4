import { readdir, readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { parseManifest } from '../../app/index.ts';
import { messageOf } from '../../kit/index.ts';
import type { CheckReport, Platform, PushedApp } from '../platform.ts';

/** A platform for tests of this room: a real manifest check and a real syntax check, and a record of what was pushed. */
export interface LocalPlatform extends Platform {
  readonly pushed: readonly string[];
}

export function localPlatform(taken: readonly string[] = []): LocalPlatform {
  const pushed: string[] = [];
  return {
    pushed,
    takenNames: async () => new Set(taken),
    check: async (dir): Promise<CheckReport> => {
      const complaints = await complaintsOf(dir);
      return { ok: complaints.length === 0, text: complaints.join('\n') };
    },
    async push(dir): Promise<PushedApp> {
      pushed.push(dir);
      const { manifest } = parseManifest(await readFile(join(dir, 'tabbify.toml'), 'utf8'), {
        file: 'tabbify.toml',
      });
      const name = manifest?.app.name ?? '';
      return {
        uuid: '',
        name,
        version: 1,
        url: `http://${name}.localhost/`,
        pathUrl: 'http://127.0.0.1/',
        warnings: [],
      };
    },
    visit: async () => ({ status: 200 }),
  };
}

async function complaintsOf(dir: string): Promise<string[]> {
  const manifest = await readFile(join(dir, 'tabbify.toml'), 'utf8').catch(() => null);
  if (manifest === null) return ['there is no tabbify.toml'];
  const complaints = parseManifest(manifest, { file: 'tabbify.toml' }).diagnostics.map(
    (each) => each.message,
  );
  for (const file of await readdir(join(dir, 'src')).catch(() => [])) {
    try {
      stripTypeScriptTypes(await readFile(join(dir, 'src', file), 'utf8'));
    } catch (error) {
      complaints.push(`src/${file}: ${messageOf(error)}`);
    }
  }
  return complaints;
}
