import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Book } from './book.ts';
import { page } from './page.ts';

const PER_PAGE = 10;
/** Characters. */
const LONGEST = { name: 60, message: 500 };
/** Bytes of a form: what fits into it in every language, and nothing that keeps the app busy. */
const LARGEST_FORM = 16 * 1024;

interface Env {
  /** From `[env]` in tabbify.toml. */
  TITLE?: string;
}

/** The guestbook's routes. */
export function guestbook(book: Book): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();

  app.get('/', async (c) => {
    const before = Number(c.req.query('before') ?? Number.MAX_SAFE_INTEGER);
    if (!Number.isSafeInteger(before)) return c.redirect('./', 303);
    const [entries, total] = await Promise.all([book.read(before, PER_PAGE + 1), book.count()]);
    return c.html(
      page({
        title: c.env?.TITLE ?? 'Guestbook',
        entries: entries.slice(0, PER_PAGE),
        total,
        older: entries.length > PER_PAGE ? (entries[PER_PAGE - 1]?.id ?? null) : null,
        first: c.req.query('before') === undefined,
        longest: LONGEST,
      }),
    );
  });

  app.post('/', bodyLimit({ maxSize: LARGEST_FORM }), async (c) => {
    const form = await c.req.parseBody();
    const name = lineOf(form.name);
    const message = lineOf(form.message);
    if (name === '' || message === '') return c.text('A name and a message, please.\n', 400);
    if (name.length > LONGEST.name || message.length > LONGEST.message) {
      return c.text(`At most ${LONGEST.name} and ${LONGEST.message} characters, please.\n`, 400);
    }
    await book.add({ name, message, at: new Date().toISOString() });
    // 303: the browser reads the page anew, and a reload does not sign twice. Relative, as the app may lie below a path.
    return c.redirect('./', 303);
  });

  return app;
}

/** The text of a form's field without blanks around it; empty for a file and for nothing. */
function lineOf(field: unknown): string {
  return typeof field === 'string' ? field.trim() : '';
}
