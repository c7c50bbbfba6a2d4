import { createHash } from 'node:crypto';
import type { Office } from './office.ts';
import type { World } from './world.ts';

interface ListedFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

export const EMPTY_FILE: ListedFile = {
  path: 'empty',
  size: 0,
  sha256: createHash('sha256').update('').digest('hex'),
};

/** By app and first file: an app has few uploads open at a time. */
const begun = new Map<string, string>();

/** An open upload of these files, begun where there is none. @returns its id */
export async function openUpload(
  { asMachine }: Pick<World, 'asMachine'>,
  { slug, app }: Pick<Office, 'slug' | 'app'>,
  files: readonly ListedFile[],
): Promise<string> {
  const key = `${app} ${files[0]?.path}`;
  const known = begun.get(key);
  if (known !== undefined) {
    const shown = await asMachine('GET', `/v1/apps/${app}/uploads/${known}`, undefined, slug);
    if (shown.status === 200) return known;
  }
  const { status, json } = await asMachine('POST', `/v1/apps/${app}/uploads`, { files }, slug);
  if (status !== 201) throw new Error(`an upload was answered ${status}: ${JSON.stringify(json)}`);
  begun.set(key, json.id);
  return json.id;
}

/** Files of the app's newest version, which need not be sent again. */
export async function newestFiles(
  { asMachine }: Pick<World, 'asMachine'>,
  { slug, app }: Pick<Office, 'slug' | 'app'>,
): Promise<readonly ListedFile[]> {
  const newest = await asMachine('GET', `/v1/apps/${app}/versions?limit=1`, undefined, slug);
  const { version } = newest.json.versions[0];
  const { json } = await asMachine('GET', `/v1/apps/${app}/versions/${version}`, undefined, slug);
  return json.files_list.map(({ path, bytes, sha256 }: { path: string; bytes: number; sha256: string }) => ({
    path,
    size: bytes,
    sha256,
  }));
}
