import { beforeEach, describe, expect, it } from 'vitest';
import type { AppExit, RunningApp } from '../runtimes/index.ts';
import { AppSlot } from './app-slot.ts';
import type { Edition } from './edition.ts';
import { devError } from './errors.ts';

/** An app without a process, and what was done with it. */
function running() {
  const { promise, resolve } = Promise.withResolvers<AppExit>();
  const stops: number[] = [];
  const app: RunningApp = {
    exited: promise,
    serve: () => {},
    health: async () => ({ ok: true, reason: null }),
    stats: () => ({}),
    stop: async (graceMs) => void stops.push(graceMs),
    purge: async () => {},
  };
  return { app, stops, end: () => resolve({ code: 1, reason: 'it threw' }) };
}

/** @param starts apps that it gives, one after the other; then it fails */
function edition(digest: string, ...starts: RunningApp[]) {
  const done: string[] = [];
  const made: Edition = {
    digest,
    async start() {
      done.push('started');
      const next = starts.shift();
      if (next === undefined) throw new Error('no more');
      return next;
    },
    remove: async () => void done.push('removed'),
  };
  return { made, done };
}

let said: string[];
let slot: AppSlot;
beforeEach(() => {
  said = [];
  slot = new AppSlot({
    onEnded: (reason) => said.push(`ended: ${reason}`),
    onFailed: (error) => said.push(`failed: ${error.message}`),
  });
});

describe('a slot of an app', () => {
  it('has requests wait for the edition that comes, and lets the one before finish', async () => {
    const [one, two] = [running(), running()];
    const first = edition('1');
    slot.swap(first.made, one.app);
    slot.hold();
    const asked = slot.app();
    slot.swap(edition('2').made, two.app);
    slot.settle();
    expect(await asked).toBe(two.app);
    expect(one.stops.every((grace) => grace > 0)).toBe(true);
    await expect.poll(() => first.done).toEqual(['removed']);
  });

  it('says why nobody answers, until somebody does', async () => {
    await expect(slot.app()).rejects.toMatchObject({ code: 'dev_not_serving' });
    const error = devError('dev_not_serving', { what: 'It does not build' });
    slot.fail(error);
    await expect(slot.app()).rejects.toBe(error);
    const { app } = running();
    slot.swap(edition('1').made, app);
    expect(await slot.app()).toBe(app);
  });

  it('starts an app that has ended with the next requests, once for all of them', async () => {
    const [one, again] = [running(), running()];
    const { made, done } = edition('1', again.app);
    slot.swap(made, one.app);
    one.end();
    await expect.poll(() => said).toEqual(['ended: it threw']);
    expect(slot.hasEnded).toBe(true);
    expect(await Promise.all([slot.app(), slot.app()])).toEqual([again.app, again.app]);
    expect(done).toEqual(['started']);
  });

  it('does not start one again and again that does not come up', async () => {
    const one = running();
    const { made, done } = edition('1');
    slot.swap(made, one.app);
    one.end();
    await expect.poll(() => slot.hasEnded).toBe(true);
    await expect(slot.app()).rejects.toMatchObject({ code: 'dev_not_serving' });
    await expect(slot.app()).rejects.toMatchObject({ code: 'dev_not_serving' });
    expect(done).toEqual(['started']);
  });

  it('ends all of it when it is closed, and what comes up after that', async () => {
    const [one, late] = [running(), running()];
    const first = edition('1');
    slot.swap(first.made, one.app);
    await slot.close();
    expect([one.stops, first.done]).toEqual([[0], ['removed']]);
    slot.swap(edition('2').made, late.app);
    expect(late.stops).toEqual([0]);
  });
});
