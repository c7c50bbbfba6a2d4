import type { z } from 'zod';
import type { NodeAddress } from './address.ts';
import { callJson } from './request.ts';

/** All rows of a list that the node gives out in pages (`limit`, `cursor`). */
export async function allRows<Row, Page extends { readonly next_cursor?: string | null | undefined }>(
  address: NodeAddress,
  path: string,
  schema: z.ZodType<Page>,
  rowsOf: (page: Page) => readonly Row[],
): Promise<Row[]> {
  const all: Row[] = [];
  let cursor: string | null | undefined = '';
  while (cursor !== null && cursor !== undefined) {
    const query = new URLSearchParams({ limit: '200', ...(cursor === '' ? {} : { cursor }) });
    const page: Page = await callJson(
      address,
      { path: `${path}${path.includes('?') ? '&' : '?'}${query}` },
      schema,
    );
    all.push(...rowsOf(page));
    cursor = page.next_cursor;
  }
  return all;
}
