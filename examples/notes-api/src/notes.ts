import type { Kv, KvConflict } from '@tabbify/sdk';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { type Note, readNote } from './note.ts';
import { openApi } from './openapi.ts';
import { page } from './page.ts';

const PREFIX = 'note/';
const LARGEST_BODY = 64 * 1024;

/** Routes over a store; what they need of it is a part of the sdk's. */
export function notesApi(store: Pick<Kv, 'get' | 'put' | 'delete' | 'page'>): Hono {
  const app = new Hono();
  app.use(bodyLimit({ maxSize: LARGEST_BODY, onError: () => refuse(413, 'That is more than 64 KiB') }));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    // Somebody was quicker: the caller reads the note anew and decides.
    if (isConflict(error)) {
      return problem(
        c,
        412,
        error.revision === null ? 'The note is gone' : 'Somebody has changed the note meanwhile',
      );
    }
    throw error;
  });

  app.get('/', (c) => c.html(page(openApi())));
  app.get('/openapi.json', (c) => c.json(openApi()));

  app.get('/notes', async (c) => {
    const limit = Number(c.req.query('limit') ?? 50);
    if (!Number.isInteger(limit) || limit < 1 || limit > 200) return problem(c, 400, '`limit` is 1 to 200');
    const cursor = c.req.query('cursor') ?? null;
    const { entries, next } = await store.page({ prefix: PREFIX, limit, values: true, cursor });
    const notes = entries.map(({ key, bytes }) => {
      const { title, changed } = JSON.parse(new TextDecoder().decode(bytes)) as Note;
      return { id: key.slice(PREFIX.length), title, changed };
    });
    return c.json({ notes, next });
  });

  app.post('/notes', async (c) => {
    const note = await noteIn(c);
    // Newer notes have greater ids, so that a list is in the order in which they were made.
    const id = `${Date.now().toString(36)}-${crypto.randomUUID().slice(0, 8)}`;
    const revision = await store.put(PREFIX + id, note, { ifAbsent: true });
    // Relative to /notes: the app may lie below a path.
    return c.json({ id, ...note }, 201, { location: `notes/${id}`, etag: `"${revision}"` });
  });

  app.get('/notes/:id', async (c) => {
    const entry = await store.get(PREFIX + c.req.param('id'));
    if (entry === null) return problem(c, 404, 'There is no such note');
    const etag = `"${entry.revision}"`;
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, { etag });
    return c.json({ id: c.req.param('id'), ...entry.json<Note>() }, 200, { etag });
  });

  app.put('/notes/:id', async (c) => {
    const id = c.req.param('id');
    const ifRevision = revisionIn(c);
    if (ifRevision === undefined)
      return problem(c, 428, 'Say in If-Match which revision you have seen: its ETag');
    const note = await noteIn(c);
    const revision = await store.put(PREFIX + id, note, { ifRevision });
    return c.json({ id, ...note }, 200, { etag: `"${revision}"` });
  });

  app.delete('/notes/:id', async (c) => {
    const ifRevision = revisionIn(c);
    await store.delete(PREFIX + c.req.param('id'), ifRevision === undefined ? {} : { ifRevision });
    return c.body(null, 204);
  });

  app.notFound((c) => problem(c, 404, 'There is nothing at this address'));
  return app;
}

/** By its code, so that the routes need nothing of the platform but what they are given. */
function isConflict(error: unknown): error is KvConflict {
  return error instanceof Error && (error as { code?: unknown }).code === 'kv_conflict';
}

async function noteIn(c: Context): Promise<Note> {
  const sent: unknown = await c.req.json().catch(() => undefined);
  const note = sent === undefined ? 'The body is not JSON' : readNote(sent);
  if (typeof note === 'string') return refuse(422, note);
  return { ...note, changed: new Date().toISOString() };
}

function revisionIn(c: Context): string | undefined {
  const match = c.req.header('if-match');
  if (match === undefined) return undefined;
  return /^"([^"]+)"$/.exec(match)?.[1] ?? refuse(400, 'If-Match is one ETag, in quotes');
}

type Status = 400 | 404 | 412 | 413 | 422 | 428;

/** An error as RFC 9457 has it. */
function problem(c: Context, status: Status, detail: string): Response {
  return c.body(JSON.stringify({ status, detail }), status, { 'content-type': 'application/problem+json' });
}

function refuse(status: Status, detail: string): never {
  const headers = { 'content-type': 'application/problem+json' };
  throw new HTTPException(status, {
    res: new Response(JSON.stringify({ status, detail }), { status, headers }),
  });
}
