import type { Clock } from '../../kit/index.ts';
import type { Principal } from '../credentials/principal.ts';
import { TOKEN_PREFIX } from '../credentials/token.ts';
import { oneUseCodes } from './one-use-codes.ts';

/**
 * What the node shows the gateway when a browser asks it for something: the gateway asks the node who that is, and a
 * browser has no credential that could be passed on. In memory, for as long as one question takes, and good for that
 * question alone.
 */
export interface Passes {
  /** @returns an `Authorization` value */
  for(principal: Principal): string;
  /** @returns null for what is no pass, is too old, or is of a session that has ended */
  principalOf(authorization: string): Principal | null;
}

/** The node waits for the gateway for 30 s. */
const LIMITS = { lifeMs: 60_000, most: 1_000 };
/** The form of a token, so that no app is sent one. */
const PASS = new RegExp(`^Bearer ${TOKEN_PREFIX}(?<code>[A-Za-z0-9_-]{43})$`);

export function createPasses(clock: Clock): Passes {
  const codes = oneUseCodes<Principal>(clock, LIMITS);
  return {
    for: (principal) => `Bearer ${TOKEN_PREFIX}${codes.issue(principal).code}`,
    principalOf(authorization) {
      const code = PASS.exec(authorization)?.groups?.code;
      const principal = code === undefined ? null : codes.meaning(code);
      return principal === null || principal.ended.aborted ? null : principal;
    },
  };
}
