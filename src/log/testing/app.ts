import { Hono } from 'hono';
import { defineErrors, PROBLEM_JSON, problemOf, TabbifyError } from '../../kit/index.ts';
import type { LogRouteOptions } from '../http/routes.ts';
import { blobRoutes, type EventDraft, logRoutes, type ServedLog } from '../index.ts';

const refusal = defineErrors({ unauthenticated: { status: 401, title: 'Unauthenticated' } });

/** What the app accepts as bearer. */
export const TEST_TOKEN = 'token-of-the-tests';

/** The routes of the log as the node mounts them, with one credential. */
export function testApp(store: ServedLog, options: LogRouteOptions = {}): Hono {
  const app = new Hono();
  const check = (authorization: string | undefined) => {
    if (authorization !== `Bearer ${TEST_TOKEN}`) {
      throw refusal('unauthenticated', {
        what: 'This needs a credential',
        hint: 'Send it as bearer',
      });
    }
  };
  const log = logRoutes(
    store,
    {
      authorizeRead(c, filter) {
        check(c.req.header('authorization'));
        return filter;
      },
      authorizeAppend(c, offered) {
        check(c.req.header('authorization'));
        return { draft: offered as unknown as EventDraft };
      },
    },
    options,
  );
  const blobs = blobRoutes(store, {
    authorizeBlob(c) {
      check(c.req.header('authorization'));
      return c.req.header('tabbify-office') ?? 'default';
    },
  });
  app.route('/', log).route('/', blobs);
  app.onError((error, c) => {
    if (!(error instanceof TabbifyError)) throw error;
    return c.body(JSON.stringify(problemOf(error)), error.status as 400, { 'content-type': PROBLEM_JSON });
  });
  return app;
}
