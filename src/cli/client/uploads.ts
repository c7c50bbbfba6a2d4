import { z } from 'zod';
import type { NodeAddress } from './address.ts';
import { type PublishedReply, publishedReply } from './replies.ts';
import { call, callJson } from './request.ts';

const standingReply = z.looseObject({
  id: z.string(),
  missing: z.array(z.object({ sha256: z.string(), size: z.number().int() })),
  offset: z.number().int(),
  length: z.number().int(),
});

/** Where an upload stands: what is missing, as one run of bytes, and how many of them are there. */
export type UploadStanding = z.infer<typeof standingReply>;

/** What a push is about to send. */
export interface Announcement {
  readonly files: readonly { readonly path: string; readonly size: number; readonly sha256: string }[];
  /** What is wrong with it is said before anything is sent. */
  readonly manifest: { readonly file: string; readonly text: string };
}

/** Pushes whose files are sent content by content. */
export interface UploadsClient {
  begin(uuid: string, push: Announcement, signal?: AbortSignal): Promise<UploadStanding>;
  standing(uuid: string, id: string, signal?: AbortSignal): Promise<UploadStanding>;
  /** Sends bytes of what is missing, from this one on; those that have arrived by then stay when it is cut off. */
  send(
    uuid: string,
    id: string,
    offset: number,
    bytes: ReadableStream<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void>;
  /** @param key the same one when it is asked again, so that no second version is made */
  publish(uuid: string, id: string, key: string, signal?: AbortSignal): Promise<PublishedReply>;
}

export function uploadsClient(address: NodeAddress): UploadsClient {
  const signalled = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });
  const pathOf = (uuid: string, id: string) => `/v1/apps/${uuid}/uploads/${id}`;
  return {
    begin: (uuid, push, signal) =>
      callJson(
        address,
        { method: 'POST', path: `/v1/apps/${uuid}/uploads`, json: push, ...signalled(signal) },
        standingReply,
      ),
    standing: (uuid, id, signal) =>
      callJson(address, { path: pathOf(uuid, id), ...signalled(signal) }, standingReply),
    async send(uuid, id, offset, body, signal) {
      await call(address, {
        method: 'PATCH',
        path: pathOf(uuid, id),
        body,
        contentType: 'application/offset+octet-stream',
        headers: { 'tus-resumable': '1.0.0', 'upload-offset': String(offset) },
        ...signalled(signal),
      });
    },
    publish: (uuid, id, key, signal) =>
      callJson(
        address,
        {
          method: 'POST',
          path: `${pathOf(uuid, id)}/publish`,
          headers: { 'idempotency-key': key },
          ...signalled(signal),
        },
        publishedReply,
      ),
  };
}
