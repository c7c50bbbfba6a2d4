import { z } from 'zod';
import type { NodeAddress } from './address.ts';
import { allRows } from './pages.ts';
import { callJson } from './request.ts';

const officeReply = z.looseObject({
  slug: z.string(),
  name: z.string(),
  created_at: z.string().nullable(),
  created_by: z.string(),
});
const officesReply = z.object({ offices: z.array(officeReply), next_cursor: z.string().nullish() });

export type OfficeReply = z.infer<typeof officeReply>;

/** Offices of the machine. */
export interface OfficesClient {
  list(): Promise<readonly OfficeReply[]>;
  /** @param slug default: made from the name */
  create(name: string, slug: string | undefined): Promise<OfficeReply>;
}

export function officesClient(address: NodeAddress): OfficesClient {
  return {
    list: () => allRows(address, '/v1/offices', officesReply, (page) => page.offices),
    create: (name, slug) =>
      callJson(
        address,
        { method: 'POST', path: '/v1/offices', json: { name, ...(slug === undefined ? {} : { slug }) } },
        officeReply,
      ),
  };
}
