import { expectKept } from '../drill.ts';
import type { Random } from '../random.ts';
import type { Answer, Site } from './site.ts';
import { uuidOf } from './writer.ts';

/** How their names begin; each is a word that stands in one event alone. */
export const DRILL_TOKEN = 'drilltoken';

/** Tokens that were shown, and those of them that were ended. */
export interface Tokens {
  readonly alive: Set<string>;
  readonly ended: Set<string>;
}

/**
 * One side that issues tokens, uses them, and revokes them: a revoked one opens nothing, from the answer on and for ever,
 * whatever the office died of meanwhile.
 */
export async function issueAndRevoke(
  site: Site,
  random: Random,
  stopped: () => boolean,
  { alive, ended }: Tokens,
): Promise<void> {
  const ids = new Map<string, string>();
  while (!stopped()) {
    const issued = await send(site, 'POST', '/v1/tokens', uuidOf(random), {
      name: `${DRILL_TOKEN}${uuidOf(random).replaceAll('-', '')}`,
      role: 'viewer',
    });
    // the answer that showed it was lost with the office: it is not shown again
    const isLost = issued.status === 409 && issued.tries > 1;
    expectKept(issued.status === 201 || isLost, () => `a token is answered ${issued.status}: ${issued.text}`);
    if (!isLost) {
      const { id, token } = JSON.parse(issued.text) as { id: string; token: string };
      ids.set(token, id);
      alive.add(token);
      await expectOpens(site, token, true);
    }
    if (alive.size < 3) continue;
    const token = random.pick([...alive]);
    alive.delete(token);
    const revoked = await send(site, 'DELETE', `/v1/tokens/${ids.get(token)}`, uuidOf(random));
    expectKept(revoked.status === 200, () => `a revocation is answered ${revoked.status}: ${revoked.text}`);
    ended.add(token);
    await expectOpens(site, token, false);
  }
}

/** After a death: every token is what it was. */
export async function checkTokens(site: Site, { alive, ended }: Tokens): Promise<void> {
  const opens = async (token: string) => {
    const response = await site.once('/v1/apps', { headers: { authorization: `Bearer ${token}` } });
    await response.body?.cancel();
    return response.status;
  };
  for (const token of [...alive].slice(-5))
    expectKept((await opens(token)) === 200, 'a living token opens nothing');
  for (const token of [...ended].slice(-20))
    expectKept((await opens(token)) === 401, 'a revoked token is alive again');
}

async function expectOpens(site: Site, token: string, wanted: boolean): Promise<void> {
  const { status } = await site.call('/v1/apps', { headers: { authorization: `Bearer ${token}` } });
  expectKept(
    status === (wanted ? 200 : 401),
    `a token that was ${wanted ? 'issued' : 'revoked'} is answered ${status}`,
  );
}

function send(site: Site, method: string, path: string, key: string, body?: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  return site.call(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}
