import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { SECRET_KINDS, type SecretKind } from '../../app/index.ts';
import { type TabbifyError, whyFetchFailed } from '../../kit/index.ts';
import { errorOfProblem } from '../../log/index.ts';
import { newSpawnId } from '../../secrets/index.ts';
import { supervisorError } from '../errors.ts';

/** What a start of an app needs to know. */
export interface SecretsQuestion {
  /** Slug of the app's office. */
  readonly tenant: string;
  readonly app: string;
  readonly generation: number;
  /** At least one. */
  readonly names: readonly string[];
}

export interface ResolvedSecret {
  readonly kind: SecretKind;
  /** Base64. */
  readonly value: string;
}

/** Where the values of secrets come from. */
export interface SecretsResolver {
  /**
   * Values of those of the names that there are. Kept by nobody: each start asks anew.
   *
   * @throws TabbifyError `gateway_away`, or what the gateway says
   */
  resolve(question: SecretsQuestion, signal: AbortSignal): Promise<ReadonlyMap<string, ResolvedSecret>>;
}

export interface HttpSecretsResolverOptions {
  /** Base URL of the gateway, asked at each need; null while nobody knows it. */
  readonly gatewayUrl: () => string | null;
  /** Credential of this supervisor. @param ended one that is not known any more */
  readonly bearer: (ended: string | null, signal: AbortSignal) => Promise<string>;
}

/** Milliseconds for one question; the gateway asks the node meanwhile. */
const PATIENCE_MS = 10_000;
/** Times that a question is put: a kept connection may have ended, a credential as well, and others may be asking. */
const TRIES = 3;
const PAUSE_MS = 50;

const answer = z.object({
  secrets: z.record(z.string(), z.base64()),
  kinds: z.record(z.string(), z.enum(SECRET_KINDS)),
});

/** Asks the gateway, over connections that are kept (CONTRACTS §10). */
export function createHttpSecretsResolver({
  gatewayUrl,
  bearer,
}: HttpSecretsResolverOptions): SecretsResolver {
  async function ask(
    { tenant, app, generation, names }: SecretsQuestion,
    credential: string,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const base = gatewayUrl();
    if (base === null) throw away('of this office', 'nobody knows where it answers');
    const spawn_id = newSpawnId(); // each try is a start of its own
    try {
      const response = await fetch(`${base}/secrets/resolve`, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
        headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
        body: JSON.stringify({ tenant, app_uuid: app, spawn_id, names, generation }),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw away(`at ${base}`, whyFetchFailed(error), error);
    }
  }

  return {
    async resolve(question, signal) {
      let ended: string | null = null;
      for (let tried = 1; ; tried++) {
        const credential = await bearer(ended, signal);
        const isLast = tried === TRIES;
        let said: Awaited<ReturnType<typeof ask>>;
        try {
          said = await ask(question, credential, signal);
        } catch (error) {
          if (isLast || signal.aborted) throw error;
          await wait(PAUSE_MS, undefined, { ref: false });
          continue;
        }
        if (said.status === 200) return valuesOf(said.text, gatewayUrl());
        const problem = errorOfProblem(said.status, said.text);
        ended = said.status === 401 ? credential : null;
        const mayHelp = said.status === 401 || problem?.code === 'spawn_used';
        if (!mayHelp || isLast) throw problem ?? away(`at ${gatewayUrl()}`, `it answered ${said.status}`);
      }
    },
  };
}

function valuesOf(text: string, base: string | null): ReadonlyMap<string, ResolvedSecret> {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    given = null; // what JSON.parse says repeats what it was given
  }
  const read = answer.safeParse(given);
  if (!read.success) throw away(`at ${base}`, 'what answers there is no gateway of this version');
  const { secrets, kinds } = read.data;
  return new Map(
    Object.entries(secrets).map(([name, value]) => [name, { value, kind: kinds[name] ?? 'other' }]),
  );
}

function away(where: string, why: string, cause?: unknown): TabbifyError {
  return supervisorError('gateway_away', {
    what: `The gateway ${where} does not answer; secrets cannot be had`,
    why,
    hint: 'Start it (`tabbify up`, or `tabbify gateway`), or say where it answers with TABBIFY_GATEWAY_URL; the app is started by the next request then',
    cause,
  });
}
