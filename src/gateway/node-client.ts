import { z } from 'zod';
import { fetchTwice, type TabbifyError, whyFetchFailed } from '../kit/index.ts';
import { errorOfProblem } from '../log/index.ts';
import { gatewayError } from './errors.ts';

/** Who asks, as the node knows them by their credential. */
export interface Asker {
  readonly credentialId: string;
  readonly name: string;
  readonly actor: string;
  /** The office that is asked about. */
  readonly office: string;
  readonly ownsMachine: boolean;
  readonly scopes: ReadonlySet<string>;
}

/** What the asker showed: passed on to the node as it is, so that the gateway never reaches further than who asks. */
export interface Shown {
  readonly authorization: string | undefined;
  /** Header `Tabbify-Office`. */
  readonly office: string | undefined;
}

/** A start of an app, as a supervisor announces it. */
export interface Spawn {
  readonly app: string;
  readonly spawn_id: string;
  readonly generation?: number;
}

/** What the log says of it. */
export type PlacedSpawn = z.infer<typeof placedSpawn>;

export interface NodeClient {
  /** @throws what the node says of the credential; node_away */
  whoAsks(shown: Shown): Promise<Asker>;
  /**
   * May who asks start that app now, and which secrets is it given? Asked once for each start.
   *
   * @throws what the node says of the credential or the start; node_away
   */
  placedSpawn(shown: Shown, spawn: Spawn): Promise<PlacedSpawn>;
  /** Has the node fetch what the log has not heard of. @returns ids of the changes that are in the log now */
  tellOfChanges(shown: Shown): Promise<ReadonlySet<string>>;
}

/** Time for one answer of the node, which does no more than look something up or append. */
const PATIENCE_MS = 10_000;

const self = z.object({
  credential_id: z.string(),
  name: z.string(),
  actor: z.string(),
  office: z.string(),
  owns_machine: z.boolean(),
  scopes: z.array(z.string()),
});
const placedSpawn = z.object({
  supervisor: z.string(),
  actor: z.string(),
  office: z.string(),
  version: z.int(),
  generation: z.int(),
  secrets: z.array(z.string()),
});
const noted = z.object({ noted: z.array(z.string()) });

export function nodeClient(nodeUrl: string): NodeClient {
  async function ask<Reply>(
    method: 'GET' | 'POST',
    path: string,
    shown: Shown,
    schema: z.ZodType<Reply>,
    json?: object,
  ) {
    let status: number;
    let text: string;
    try {
      const response = await fetchTwice(`${nodeUrl}${path}`, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE_MS),
        headers: {
          ...(shown.authorization === undefined ? {} : { authorization: shown.authorization }),
          ...(shown.office === undefined ? {} : { 'tabbify-office': shown.office }),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      throw away(nodeUrl, error);
    }
    if (status >= 400) throw errorOfProblem(status, text) ?? away(nodeUrl, `it answered ${status}`);
    const reply = schema.safeParse(jsonOrNull(text));
    if (!reply.success) throw away(nodeUrl, 'what answers there is no node');
    return reply.data;
  }
  return {
    async whoAsks(shown) {
      const { credential_id: credentialId, ...rest } = await ask('GET', '/v1/self', shown, self);
      const { name, actor, office, owns_machine: ownsMachine, scopes } = rest;
      return { credentialId, name, actor, office, ownsMachine, scopes: new Set(scopes) };
    },
    placedSpawn: (shown, spawn) => ask('POST', '/v1/spawns', shown, placedSpawn, spawn),
    tellOfChanges: async (shown) => new Set((await ask('POST', '/v1/secrets/changes', shown, noted)).noted),
  };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function away(nodeUrl: string, cause: unknown): TabbifyError {
  return gatewayError('node_away', {
    what: `The node at ${nodeUrl} does not answer the gateway`,
    why: whyFetchFailed(cause),
    hint: 'Start the node, or name it in TABBIFY_NODE_URL; nothing was done meanwhile',
    cause,
  });
}
