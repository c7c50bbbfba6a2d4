import { createHash } from 'node:crypto';
import type { Answer, Call, RunningNode } from './running-node.ts';

type Files = Readonly<Record<string, string | Uint8Array>>;

/** The list that a push of these files announces. */
export function listOf(files: Files) {
  return Object.entries(files).map(([path, content]) => ({
    path,
    size: Buffer.byteLength(content),
    sha256: createHash('sha256').update(content).digest('hex'),
  }));
}

/** Begins an upload of these files. */
export function begin(node: RunningNode, uuid: string, files: Files, asked: Call = {}): Promise<Answer> {
  return node.call(`/v1/apps/${uuid}/uploads`, { method: 'POST', json: { files: listOf(files) }, ...asked });
}

/** All that an upload misses, as one run of bytes. */
export function bytesOf(missing: readonly { readonly sha256: string }[], files: Files): Buffer {
  const contents = new Map(
    Object.values(files).map((content) => [
      createHash('sha256').update(content).digest('hex'),
      Buffer.from(content as string),
    ]),
  );
  return Buffer.concat(missing.map(({ sha256 }) => contents.get(sha256) ?? Buffer.alloc(0)));
}

/** Sends bytes to an upload. */
export function send(
  node: RunningNode,
  uuid: string,
  id: string,
  offset: number,
  bytes: Uint8Array,
  asked: Call = {},
): Promise<Answer> {
  return node.call(`/v1/apps/${uuid}/uploads/${id}`, {
    method: 'PATCH',
    body: new Blob([new Uint8Array(bytes)]).stream(),
    ...asked,
    headers: {
      'content-type': 'application/offset+octet-stream',
      'tus-resumable': '1.0.0',
      'upload-offset': String(offset),
      ...asked.headers,
    },
  });
}

export function publishUpload(
  node: RunningNode,
  uuid: string,
  id: string,
  asked: Call = {},
): Promise<Answer> {
  return node.call(`/v1/apps/${uuid}/uploads/${id}/publish`, { method: 'POST', ...asked });
}

/** A whole push that way. */
export async function pushInPieces(
  node: RunningNode,
  uuid: string,
  files: Files,
  asked: Call = {},
): Promise<Answer> {
  const { status, json } = await begin(node, uuid, files, asked);
  if (status !== 201) throw new Error(`begin: ${status} ${JSON.stringify(json)}`);
  if (json.length > 0)
    await send(node, uuid, json.id, json.offset, bytesOf(json.missing, files).subarray(json.offset), asked);
  return publishUpload(node, uuid, json.id, asked);
}
