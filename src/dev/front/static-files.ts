import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { isFilesAlone, type Manifest } from '../../app/index.ts';
import { contentTypeOf, namedFile } from '../../artifacts/index.ts';
import type { SourceReader } from '../source.ts';

/** The static files of an app that is being written. */
export interface StaticFiles {
  /** Files may have come or gone, or the manifest names others. @param manifest null: as before */
  renew(manifest: Manifest | null): void;
  /** @returns whether the request was for one of them, and is answered */
  answer(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
}

const NOT_FOUND = '404.html';

/**
 * Answers with the files that the edge of an office would answer with, by the same rules, out of the folder itself; browsers ask each time
 * whether they have changed.
 *
 * @param root the app's folder
 */
export function serveStaticFiles(root: string, reader: SourceReader): StaticFiles {
  let assets: { readonly folder: string; readonly alone: boolean } | null = null;
  let listed: Promise<ReadonlySet<string>> | null = null;

  async function send(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    status: number,
  ): Promise<void> {
    const content = await readFile(join(root, path));
    const etag = `"${createHash('sha256').update(content).digest('hex').slice(0, 32)}"`;
    const head = { etag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' };
    if (status === 200 && request.headers['if-none-match'] === etag) {
      response.writeHead(304, head).end();
      return;
    }
    const body = { 'content-type': contentTypeOf(path), 'content-length': content.length };
    response.writeHead(status, { ...body, ...head }).end(request.method === 'HEAD' ? undefined : content);
  }

  return {
    renew(manifest) {
      listed = null;
      if (manifest === null) return;
      const folder = manifest.build.assets;
      assets = folder === null ? null : { folder, alone: isFilesAlone(manifest.build) };
    },
    async answer(request, response) {
      if (assets === null) return false;
      const { folder, alone } = assets;
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        if (!alone) return false;
        response.writeHead(405, { allow: 'GET, HEAD', 'content-length': 0 }).end();
        return true;
      }
      listed ??= reader.pushedFiles();
      const files = await listed;
      const [path = '/', query] = (request.url ?? '/').split(/(?=\?)/, 2);
      const named = namedFile(files, folder, path);
      if (named?.kind === 'file') await send(request, response, named.path, 200);
      else if (named?.kind === 'folder') {
        response.writeHead(308, { location: `${path}/${query ?? ''}`, 'content-length': 0 }).end();
      } else if (!alone) return false;
      else if (files.has(`${folder}/${NOT_FOUND}`))
        await send(request, response, `${folder}/${NOT_FOUND}`, 404);
      else response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such page\n');
      return true;
    },
  };
}
