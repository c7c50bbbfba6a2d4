import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import { z } from 'zod';
import type { StoredBytes } from '../../data/index.ts';
import { messageOf } from '../../kit/index.ts';
import { type AppNow, type Chart, type WakeReply, wakeReply } from '../../supervisor/index.ts';
import { nodeError } from '../errors.ts';
import { withRetryAfter } from '../retry-after.ts';
import type { Presences, PresentSupervisor } from './presences.ts';

/** How long a request waits for a supervisor that has not announced itself yet (milliseconds). */
const COMEBACK_MS = 5_000;
/** A cold start may take its app's whole readiness time; the supervisor ends it before this (milliseconds). */
const WAKE_TIMEOUT_MS = 150_000;
/** A host looks at its runners before it answers; whoever scrapes gives up after some 10 s. */
const METRICS_TIMEOUT_MS = 5_000;
const LOOK_TIMEOUT_MS = 2_000;

/** Supervisors of the version before do not know the call. */
const storedReply = z.object({
  environments: z.array(z.object({ environment: z.string(), bytes: z.number().int() })),
});

/** A call for an app's data. */
export interface DataCall {
  readonly method: 'GET' | 'PUT' | 'DELETE' | 'POST';
  /** Path and query below `/data`. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable | null;
  readonly signal: AbortSignal;
}

/** What the node asks of supervisors (protocol: `src/supervisor/protocol.ts`). */
export interface SupervisorClient {
  /** @throws app_not_ready, supervisor_away, both with a time to wait */
  wake(supervisor: string, app: string): Promise<WakeReply>;
  /** The app's own output as text. @throws supervisor_away, and what the supervisor answers */
  logs(supervisor: string, app: string, query: URLSearchParams, signal: AbortSignal): Promise<Readable>;
  /** A chart of the app as the supervisor tells it. @throws supervisor_away, and what the supervisor answers */
  chart(supervisor: string, app: string, query: URLSearchParams): Promise<Chart>;
  /** Asks for an app's data; the answer is the host's, whatever it is. @throws supervisor_away */
  data(supervisor: string, app: string, call: DataCall): Promise<Dispatcher.ResponseData>;
  /** What an app has stored there, by environment. @throws supervisor_away */
  stored(supervisor: string, app: string): Promise<readonly StoredBytes[]>;
  /** Asks whether it is there, and forgets one that has ended; `presences` knows then. */
  look(supervisor: string): Promise<void>;
  /** What the apps of a host do now; empty when it is away: figures of the others are worth having without it. */
  metrics(supervisor: string): Promise<readonly AppNow[]>;
  close(): Promise<void>;
}

export function createSupervisorClient(presences: Presences): SupervisorClient {
  const agent = new Agent({ keepAliveTimeout: 10_000, connectTimeout: 2_000, bodyTimeout: 0 });

  async function present(name: string): Promise<PresentSupervisor> {
    const found = await presences.waitFor(name, COMEBACK_MS);
    if (found === undefined) throw away(name, 'it has not announced itself to this node');
    return found;
  }

  async function call(
    supervisor: PresentSupervisor,
    path: string,
    options: {
      readonly method: DataCall['method'];
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: Readable | null;
      readonly signal?: AbortSignal;
      readonly headersTimeout?: number;
    },
  ): Promise<Dispatcher.ResponseData> {
    try {
      return await request(`${supervisor.url.replace(/\/$/, '')}${path}`, {
        ...options,
        dispatcher: agent,
        headers: { ...options.headers, authorization: `Bearer ${supervisor.control_key}` },
      });
    } catch (error) {
      forgetIfEnded(supervisor, error);
      throw away(supervisor.name, messageOf(error), error);
    }
  }

  /** Where nothing listens any more there is no supervisor: one that comes back says so, with a key made anew. */
  function forgetIfEnded({ name, control_key }: PresentSupervisor, error: unknown): void {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') return;
    if (presences.of(name)?.control_key === control_key) presences.forget(name);
  }

  return {
    async wake(supervisor, app) {
      const response = await call(await present(supervisor), `/v1/apps/${app}/wake`, {
        method: 'POST',
        headersTimeout: WAKE_TIMEOUT_MS,
      });
      if (response.statusCode !== 200) throw await refusal(response, 'The app cannot start now');
      const answer = wakeReply.safeParse(await response.body.json());
      if (!answer.success) throw away(supervisor, 'it did not say where the app answers');
      return answer.data;
    },
    async logs(supervisor, app, query, signal) {
      const response = await call(await present(supervisor), `/v1/apps/${app}/logs?${query}`, {
        method: 'GET',
        signal,
      });
      if (response.statusCode !== 200) throw await refusal(response, 'The log of the app cannot be read');
      return response.body;
    },
    async chart(supervisor, app, query) {
      const response = await call(await present(supervisor), `/v1/apps/${app}/metrics?${query}`, {
        method: 'GET',
      });
      if (response.statusCode !== 200) throw await refusal(response, 'The figures of the app cannot be read');
      return (await response.body.json()) as Chart;
    },
    async data(name, app, { target, ...options }) {
      return call(await present(name), `/v1/apps/${app}/data${target}`, options);
    },
    async stored(name, app) {
      const supervisor = presences.of(name);
      if (supervisor === undefined) throw away(name, 'it has not announced itself to this node');
      const signal = AbortSignal.timeout(METRICS_TIMEOUT_MS);
      const response = await call(supervisor, `/v1/apps/${app}/data`, { method: 'GET', signal });
      const answer = storedReply.safeParse(await response.body.json().catch(() => null));
      if (response.statusCode !== 200 || !answer.success)
        throw away(name, 'it does not say what is stored there');
      return answer.data.environments;
    },
    async look(name) {
      const supervisor = presences.of(name);
      if (supervisor === undefined) return;
      try {
        const signal = AbortSignal.timeout(LOOK_TIMEOUT_MS);
        await (await call(supervisor, '/health', { method: 'GET', signal })).body.dump();
      } catch {
        // `call` has drawn what follows from it; one that is slow is there
      }
    },
    async metrics(name) {
      const supervisor = presences.of(name);
      if (supervisor === undefined) return [];
      try {
        const signal = AbortSignal.timeout(METRICS_TIMEOUT_MS);
        const response = await call(supervisor, '/v1/metrics', { method: 'GET', signal });
        if (response.statusCode === 200) {
          return ((await response.body.json()) as { readonly apps?: readonly AppNow[] }).apps ?? [];
        }
        await response.body.dump();
      } catch {
        // away or busy: its apps have no figures now
      }
      return [];
    },
    close: () => agent.destroy(),
  };
}

/** Passes on what the supervisor says, in the node's own words where it says nothing. */
async function refusal(response: Dispatcher.ResponseData, what: string) {
  const said = await response.body.json().catch(() => ({}));
  const text = (name: string) => {
    const value = (said as Record<string, unknown> | null)?.[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const code = response.statusCode === 404 ? 'app_unknown' : 'app_not_ready';
  const hint = text('hint') ?? 'See its log with `tabbify logs <app>`';
  const why = text('detail');
  const seconds = Number(response.headers['retry-after']);
  const error = nodeError(code, { what, hint, ...(why === undefined ? {} : { why }) });
  return withRetryAfter(error, Number.isInteger(seconds) && seconds > 0 ? seconds : 1);
}

function away(name: string, why: string, cause?: unknown) {
  return withRetryAfter(
    nodeError('supervisor_away', {
      what: `The supervisor '${name}' cannot be reached`,
      why,
      hint: 'See `tabbify status`; it is asked again with the next request',
      cause,
    }),
    2,
  );
}
