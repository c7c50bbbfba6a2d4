import { z } from 'zod';
import type { NodeAddress } from './address.ts';
import { allRows } from './pages.ts';
import { callJson } from './request.ts';

const sessionReply = z.looseObject({
  id: z.string(),
  browser: z.string(),
  by: z.string(),
  started_at: z.string(),
  used_at: z.string(),
  expires_at: z.string(),
});
const sessionsReply = z.object({ sessions: z.array(sessionReply), next_cursor: z.string().nullish() });
const linkReply = z.looseObject({ link: z.string(), expires_at: z.string(), expires_in_sec: z.number() });
const endedReply = z.looseObject({ id: z.string(), state: z.string() });

/** Browsers that are signed in by the credential that asks. */
export interface SessionsClient {
  list(): Promise<readonly z.infer<typeof sessionReply>[]>;
  /** Makes a link that signs a browser in, once. */
  link(): Promise<z.infer<typeof linkReply>>;
  end(id: string): Promise<z.infer<typeof endedReply>>;
}

export function sessionsClient(address: NodeAddress): SessionsClient {
  return {
    list: () => allRows(address, '/v1/sessions', sessionsReply, (page) => page.sessions),
    link: () => callJson(address, { method: 'POST', path: '/v1/sessions' }, linkReply),
    end: (id) =>
      callJson(address, { method: 'DELETE', path: `/v1/sessions/${encodeURIComponent(id)}` }, endedReply),
  };
}
