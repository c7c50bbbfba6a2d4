import { z } from 'zod';
import type { NodeAddress } from './address.ts';
import { callJson } from './request.ts';

const versionReply = z.looseObject({
  version: z.number().int(),
  digest: z.string(),
  files: z.number().int(),
  bytes: z.number().int(),
  /** Null: static files alone. */
  runtime: z.string().nullable(),
  visibility: z.string(),
  published_at: z.string(),
  published_by: z.string(),
  removed_at: z.string().nullable().optional(),
});
const fileReply = z.object({ path: z.string(), bytes: z.number().int() });
const versionDetailReply = versionReply.extend({ files_list: z.array(z.looseObject(fileReply.shape)) });
const capabilityReply = z.object({ kind: z.string(), value: z.string() });
const differenceReply = z.looseObject({
  from: z.number().int().nullable(),
  to: z.number().int(),
  files: z.object({
    added: z.array(fileReply),
    removed: z.array(fileReply),
    changed: z.array(z.object({ path: z.string(), before: z.number().int(), after: z.number().int() })),
  }),
  manifest: z.array(
    z.object({ key: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }),
  ),
  capabilities: z.object({ added: z.array(capabilityReply), removed: z.array(capabilityReply) }),
});

export type VersionReply = z.infer<typeof versionReply>;
export type VersionDetailReply = z.infer<typeof versionDetailReply>;
export type DifferenceReply = z.infer<typeof differenceReply>;

/** Versions of apps. */
export interface VersionsClient {
  /** Newest first. @param limit at most 200 */
  list(uuid: string, limit: number): Promise<readonly VersionReply[]>;
  show(uuid: string, version: number): Promise<VersionDetailReply>;
  /** Removes it for good. */
  remove(uuid: string, version: number): Promise<VersionReply>;
  /** @param from undefined: the version before */
  diff(uuid: string, version: number, from: number | undefined): Promise<DifferenceReply>;
}

export function versionsClient(address: NodeAddress): VersionsClient {
  const page = z.object({ versions: z.array(versionReply) });
  return {
    async list(uuid, limit) {
      return (await callJson(address, { path: `/v1/apps/${uuid}/versions?limit=${limit}` }, page)).versions;
    },
    show: (uuid, version) =>
      callJson(address, { path: `/v1/apps/${uuid}/versions/${version}` }, versionDetailReply),
    remove: (uuid, version) =>
      callJson(address, { method: 'DELETE', path: `/v1/apps/${uuid}/versions/${version}` }, versionReply),
    diff(uuid, version, from) {
      const query = from === undefined ? '' : `?from=${from}`;
      return callJson(
        address,
        { path: `/v1/apps/${uuid}/versions/${version}/diff${query}` },
        differenceReply,
      );
    },
  };
}
