import { z } from 'zod';
import type { NodeAddress } from './address.ts';
import { allRows } from './pages.ts';
import { callJson } from './request.ts';

const tokenReply = z.looseObject({
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  role: z.string().nullable(),
  scopes: z.array(z.string()),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  state: z.string(),
});
const issuedReply = tokenReply.extend({ token: z.string(), replaced: tokenReply.nullable() });
const tokensReply = z.object({ tokens: z.array(tokenReply), next_cursor: z.string().nullish() });
const revokedReply = z.looseObject({ id: z.string(), state: z.string(), warnings: z.array(z.string()) });

export type TokenReply = z.infer<typeof tokenReply>;
export type IssuedReply = z.infer<typeof issuedReply>;

/** A token as the node is asked for it (`POST /v1/tokens`). */
export interface NewToken {
  readonly name: string;
  readonly kind?: string;
  readonly role?: string;
  readonly scopes?: readonly string[];
  /** Null: never. */
  readonly expires_in_days?: number | null;
  readonly replace?: boolean;
}

/** Credentials of the office. */
export interface TokensClient {
  list(): Promise<readonly TokenReply[]>;
  create(token: NewToken): Promise<IssuedReply>;
  revoke(id: string): Promise<z.infer<typeof revokedReply>>;
}

export function tokensClient(address: NodeAddress): TokensClient {
  return {
    list: () => allRows(address, '/v1/tokens', tokensReply, (page) => page.tokens),
    create: (token) => callJson(address, { method: 'POST', path: '/v1/tokens', json: token }, issuedReply),
    revoke: (id) => callJson(address, { method: 'DELETE', path: `/v1/tokens/${id}` }, revokedReply),
  };
}
