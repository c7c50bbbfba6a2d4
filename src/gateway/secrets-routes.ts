import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { type Clock, type Logger, messageOf } from '../kit/index.ts';
import { PLATFORM, type SecretRow, type SecretStore } from '../secrets/index.ts';
import { gatewayError } from './errors.ts';
import type { Asker, NodeClient } from './node-client.ts';
import type { Secrets } from './open-secrets.ts';
import { bodyOf, read, shownBy } from './read-request.ts';
import { resolveRoutes } from './resolve-secrets.ts';

/** Twice what a value may have, which is more than base64 and JSON make of it. */
const MAX_BODY_BYTES = 256 * 1024;

const value = {
  value: z.string().optional(),
  value_base64: z.base64().optional(),
};
const registration = z.object({ name: z.string(), kind: z.string(), ...value });
const replacement = z.object(value);
const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).default(''),
});

export interface SecretsTools {
  readonly secrets: Secrets;
  readonly node: NodeClient;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * `POST,GET /secrets`, `PUT,DELETE /secrets/{name}`, the audit and the change of the master key, and `/secrets/resolve`, whose answers alone
 * hold values (CONTRACTS §10). No error does: bodies are never repeated.
 */
export function secretsRoutes({ secrets, node, clock, logger }: SecretsTools): Hono {
  const routes = new Hono();
  routes.use('*', async (c, next) => {
    await next();
    c.res.headers.set('cache-control', 'no-store');
  });
  routes.use(
    '*',
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw gatewayError('body_too_large', { what: `A body has at most ${MAX_BODY_BYTES} bytes here` });
      },
    }),
  );

  routes.route('/resolve', resolveRoutes({ secrets, node, clock }));

  /** Who asks, if they may; before anything else is looked at. */
  async function allowed(c: Context, scope: string): Promise<Asker> {
    const asker = await node.whoAsks(shownBy(c));
    if (scope === 'machine' ? asker.ownsMachine : asker.scopes.has(scope)) return asker;
    throw gatewayError('not_allowed', {
      what: `The credential of '${asker.name}' does not allow this`,
      why:
        scope === 'machine'
          ? 'it is for an owner of the office `default`'
          : `it needs the scope \`${scope}\``,
      hint: 'Use a credential that has it, such as the owner’s',
    });
  }

  /** The log hears of it before the answer, unless the node goes away in between: then with the next change. */
  async function announce(c: Context, store: SecretStore, office: string): Promise<void> {
    try {
      await store.noted(office, await node.tellOfChanges(shownBy(c)));
    } catch (error) {
      logger.warn({ office, why: messageOf(error) }, 'the log has not heard of a change of secrets yet');
    }
  }

  routes.get('/', async (c) => {
    const { office, ownsMachine } = await allowed(c, 'read');
    const { limit, cursor } = read(listQuery, c.req.query());
    const store = await secrets.store();
    const seen = store
      .list(office)
      .filter(({ name }) => name > cursor && (ownsMachine || !name.startsWith(PLATFORM)));
    const page = seen.slice(0, limit);
    return c.json({
      secrets: page.map(told),
      next_cursor: seen.length > limit ? (page.at(-1)?.name ?? null) : null,
    });
  });

  routes.post('/', async (c) => {
    const asker = await allowed(c, 'secrets:write');
    const { name, kind, ...rest } = read(registration, await bodyOf(c));
    const given = bytesOf(rest);
    requirePlatform(asker, name);
    const store = await secrets.store();
    const row = await store.register(requestOf(c, asker, name), kind, given);
    await announce(c, store, asker.office);
    return c.json(told(row), 201);
  });

  routes.put('/:name', async (c) => {
    const asker = await allowed(c, 'secrets:write');
    const name = c.req.param('name');
    const given = bytesOf(read(replacement, await bodyOf(c)));
    requirePlatform(asker, name);
    const store = await secrets.store();
    const row = await store.rotate(requestOf(c, asker, name), given);
    await announce(c, store, asker.office);
    return c.json(told(row));
  });

  routes.delete('/:name', async (c) => {
    const asker = await allowed(c, 'secrets:write');
    const name = c.req.param('name');
    requirePlatform(asker, name);
    const store = await secrets.store();
    await store.remove(requestOf(c, asker, name));
    await announce(c, store, asker.office);
    return c.json({ name, state: 'deleted' });
  });

  routes.get('/changes', async (c) => {
    const { office } = await allowed(c, 'secrets:write');
    return c.json({ changes: (await secrets.store()).changes(office) });
  });

  routes.post('/master-key', async (c) => {
    const { actor } = await allowed(c, 'machine');
    return c.json({ secrets: await (await secrets.store()).rotateMasterKey(actor) });
  });

  routes.get('/audit', async (c) => {
    const { office } = await allowed(c, 'admin');
    const { limit } = read(listQuery, c.req.query());
    return c.json({ entries: await (await secrets.store()).audit.read(office, limit) });
  });

  routes.get('/audit/verify', async (c) => {
    await allowed(c, 'machine');
    return c.json(await (await secrets.store()).audit.verify());
  });
  return routes;
}

function requestOf(c: Context, { office, actor, credentialId }: Asker, name: string) {
  const key = c.req.header('idempotency-key');
  return {
    ...{ tenant: office, name, actor },
    requestId: key === undefined ? null : JSON.stringify([credentialId, c.req.method, key]),
  };
}

/** Below `platform/` lie the credentials of the machine's own parts (CONTRACTS §10). */
function requirePlatform({ ownsMachine, office, name: who }: Asker, name: string): void {
  if (!name.startsWith(PLATFORM) || (ownsMachine && office === 'default')) return;
  throw gatewayError('not_allowed', {
    what: `The credential of '${who}' does not allow this`,
    why: 'secrets below `platform/` are the machine’s, in the office `default`',
    hint: 'Use the credential in node.key of the machine’s home, or another name',
  });
}

function bytesOf({
  value: text,
  value_base64: base64,
}: {
  readonly value?: string | undefined;
  readonly value_base64?: string | undefined;
}): Buffer {
  if ((text === undefined) === (base64 === undefined)) {
    throw gatewayError('request_invalid', {
      what: 'The request cannot be read',
      why: 'it needs either `value` or `value_base64`',
      hint: 'Send text as `value`, anything else as `value_base64`',
    });
  }
  return text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text, 'utf8');
}

function told({ name, kind, version, createdAt, createdBy, updatedAt, updatedBy, state }: SecretRow) {
  return {
    ...{ name, kind, version, state },
    created_at: createdAt,
    created_by: createdBy,
    updated_at: updatedAt,
    updated_by: updatedBy,
  };
}
