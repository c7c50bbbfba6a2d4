import { EventSourceParserStream } from 'eventsource-parser/stream';
import { messageOf } from '../kit/index.ts';
import type { EventDraft } from '../log/index.ts';
import type { CredentialFile } from './credential-file.ts';
import { supervisorError } from './errors.ts';
import { type DesiredState, desiredState, joinReply, type Presence } from './protocol.ts';

export interface NodeClientOptions {
  /** Name of this supervisor. */
  readonly name: string;
  /** Base URL of the node, e.g. `http://127.0.0.1:8090`. */
  readonly nodeUrl: string;
  /** An owner credential; needed for the first join only. */
  readonly ownerKey: string | null;
  readonly credentials: CredentialFile;
}

/** What the supervisor asks the node. All throw `node_unavailable` or `node_refused`. */
export interface NodeClient {
  announce(presence: Presence, signal: AbortSignal): Promise<void>;
  desired(signal: AbortSignal): Promise<DesiredState>;
  /** The actor of each event on this host's segment after the position; null where it cannot be read. Ends when the node ends it. */
  changes(position: number, signal: AbortSignal): AsyncIterable<string | null>;
  /** The credential of this supervisor. @param ended one that is not known any more */
  bearer(ended: string | null, signal: AbortSignal): Promise<string>;
  /** @throws also `event_rejected` */
  post(draft: EventDraft): Promise<void>;
}

/** Milliseconds for a plain call. */
const CALL_TIMEOUT_MS = 10_000;
/** Answers that say that the same event would be refused again. */
const FINAL_REFUSALS = new Set([400, 403, 404, 413, 422]);

/** A client that joins by itself when it has no credential yet, or when the node does not know it any more. */
export function createNodeClient(options: NodeClientOptions): NodeClient {
  const path = `/v1/supervisors/${encodeURIComponent(options.name)}`;
  let credential: string | null = null;
  let joining: Promise<string> | null = null;

  async function call(
    target: string,
    init: { method: string; bearer: string; body?: unknown; signal: AbortSignal },
  ): Promise<Response> {
    try {
      return await fetch(new URL(target, options.nodeUrl), {
        method: init.method,
        headers: {
          authorization: `Bearer ${init.bearer}`,
          ...(init.body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
        signal: init.signal,
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw supervisorError('node_unavailable', {
        what: `The node at ${options.nodeUrl} cannot be reached`,
        why: messageOf(cause),
        hint: 'Start it with `tabbify up`; the supervisor goes on trying',
        cause: error,
      });
    }
  }

  /**
   * A credential that the name has already ends, since this host has lost it (its file is gone, or the answer to the
   * first join never came), unless a supervisor of that name is there now: that is another host.
   */
  async function join(signal: AbortSignal): Promise<string> {
    if (options.ownerKey === null) throw refused('it has no credential, and no owner credential to get one');
    const body = { name: options.name, replace: 'if_away' };
    const reply = await call('/v1/supervisors', { method: 'POST', bearer: options.ownerKey, body, signal });
    if (reply.status === 401 || reply.status === 403) throw refused('the owner credential was not accepted');
    if (reply.status === 409) {
      await reply.body?.cancel();
      throw supervisorError('node_refused', {
        what: `The node at ${options.nodeUrl} does not let supervisor \`${options.name}\` in`,
        why: 'a supervisor of this name is there already, on another host or from before this one was started',
        hint: 'Give this host a name of its own (TABBIFY_SUPERVISOR_NAME); if the other one has ended, this one is let in within two minutes',
      });
    }
    await expectOk(reply);
    const joined = joinReply.parse(await reply.json());
    await options.credentials.save(joined.credential);
    return joined.credential;
  }

  /** One join at a time: a second one would end the credential of the first. */
  function joined(signal: AbortSignal): Promise<string> {
    joining ??= join(signal).finally(() => {
      joining = null;
    });
    return joining;
  }

  /** @param ended one that the node does not know any more */
  async function credentialOtherThan(ended: string | null, signal: AbortSignal): Promise<string> {
    if (credential === null || credential === ended) {
      const kept = ended === null ? await options.credentials.load() : null;
      credential = kept ?? (await joined(signal));
    }
    return credential;
  }

  /** One call with the supervisor's credential; a credential that is not known (any more) is replaced once. */
  async function authorized(
    target: string,
    init: { method: string; body?: unknown; signal: AbortSignal },
  ): Promise<Response> {
    const bearer = await credentialOtherThan(null, init.signal);
    const reply = await call(target, { ...init, bearer });
    if (reply.status !== 401) return reply;
    await reply.body?.cancel();
    const fresh = await credentialOtherThan(bearer, init.signal);
    const second = await call(target, { ...init, bearer: fresh });
    if (second.status === 401) throw refused('a fresh credential was not accepted');
    return second;
  }

  const soon = (signal: AbortSignal): AbortSignal =>
    AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);

  function refused(why: string) {
    return supervisorError('node_refused', {
      what: `The node at ${options.nodeUrl} does not let supervisor \`${options.name}\` in`,
      why,
      hint: 'Start it once with an owner credential: TABBIFY_NODE_KEY, or `node.key` in its home',
    });
  }

  return {
    bearer: (ended, signal) => credentialOtherThan(ended, soon(signal)),
    async announce(presence, signal) {
      const reply = await authorized(path, { method: 'PUT', body: presence, signal: soon(signal) });
      await expectOk(reply);
      await reply.body?.cancel();
    },
    async desired(signal) {
      const reply = await authorized(`${path}/desired`, { method: 'GET', signal: soon(signal) });
      await expectOk(reply);
      return desiredState.parse(await reply.json());
    },
    async *changes(position, signal) {
      const query = new URLSearchParams({
        segment: `platform.hosts.${options.name}`,
        after: String(position),
      });
      const reply = await authorized(`/v1/events/stream?${query}`, { method: 'GET', signal });
      await expectOk(reply);
      if (reply.body === null) return;
      const events = reply.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream());
      for await (const event of events) yield actorOf(event.data);
    },
    async post(event) {
      const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
      const reply = await authorized('/v1/events', { method: 'POST', body: { event }, signal });
      if (FINAL_REFUSALS.has(reply.status)) {
        const why = `${reply.status} ${await reply.text()}`;
        throw supervisorError('event_rejected', { what: `The node rejected \`${event.type}\``, why });
      }
      await expectOk(reply);
      await reply.body?.cancel();
    },
  };
}

async function expectOk(reply: Response): Promise<void> {
  if (reply.ok) return;
  const why = `${reply.status} ${(await reply.text()).slice(0, 500)}`;
  throw supervisorError('node_unavailable', {
    what: `The node refused ${new URL(reply.url).pathname}`,
    why,
    hint: 'The supervisor goes on trying; see the log of the node',
  });
}

function actorOf(data: string): string | null {
  try {
    const event = JSON.parse(data) as { actor?: unknown };
    return typeof event.actor === 'string' ? event.actor : null;
  } catch {
    return null;
  }
}
