import { expect, it } from 'vitest';
import type { RunningApp } from '../runtimes/index.ts';
import { watchApp } from './watched-app.ts';

/** An app of which only this matters. */
function watched(parts: Partial<RunningApp>) {
  const lines: string[] = [];
  return { lines, app: watchApp(parts as RunningApp, (line) => lines.push(line)) };
}

it('has an answer for an app whose runtime has none, and for one that fails to answer', async () => {
  const silent = watched({ health: () => new Promise(() => {}) });
  expect(await silent.app.health()).toEqual({ ok: false, reason: expect.stringContaining('within 2 s') });
  const failing = watched({ health: () => Promise.reject(new Error('nobody knows')) });
  expect(await failing.app.health()).toEqual({ ok: false, reason: expect.stringContaining('nobody knows') });
});

it('says in the log when an app falls ill and when it is well again, each once', async () => {
  const answers = [null, 'a cold', 'a cold', 'a fever', null, null];
  const { app, lines } = watched({
    health: async () => {
      const reason = answers.shift() ?? null;
      return { ok: reason === null, reason };
    },
  });
  for (const _ of [...answers]) await app.health();
  expect(lines).toEqual([
    'the app is not well: a cold',
    'the app is not well: a fever',
    'the app is well again',
  ]);
});

it('has no figures where the runtime throws, and says so once', () => {
  const { app, lines } = watched({
    stats: () => {
      throw new Error('nobody has counted');
    },
  });
  expect([app.stats(), app.stats()]).toEqual([{}, {}]);
  expect(lines).toEqual(['the figures of the app cannot be had: nobody has counted']);
});
