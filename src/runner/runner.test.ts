import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import type { AppGrant } from '../app/index.ts';
import type { AppExit, RunningApp } from '../runtimes/index.ts';
import { RUNNER_KEY_HEADER, type RunnerSpec } from './protocol.ts';
import { createRunner } from './runner.ts';

const settings = { health_timeout_sec: 30 };
const SPEC = { app: 'a', version: 1, generation: 1, runner_key: 'key', settings } as RunnerSpec;

/** A runner whose app ends when it is told to, and the calls that app was given. */
async function startRunner(parts: Partial<RunningApp> = {}) {
  let isEnding = false;
  const exited = Promise.withResolvers<AppExit>();
  const calls: string[] = [];
  const exits: number[] = [];
  const lines: string[] = [];
  const grants: AppGrant[] = [];
  const note = (call: string) => async () => {
    isEnding = true;
    calls.push(call);
  };
  const app: RunningApp = {
    exited: exited.promise,
    serve: (_request, response) => void response.end('here'),
    health: async () => (isEnding ? { ok: false, reason: 'it ends' } : { ok: true, reason: null }),
    stats: () => ({}),
    stop: note('stop'),
    purge: note('purge'),
    ...parts,
  };
  const runner = createRunner({
    redact: (text) => text,
    nonce: 'n',
    setGrant: (grant) => void grants.push(grant),
    denied: () => [{ entry: 'a.example', times: 3 }],
    startApp: async () => app,
    log: (_origin, line) => void lines.push(line),
    exit: (code) => void exits.push(code),
  });
  const { reply } = await runner.handle({ cmd: 'deploy', spec: SPEC });
  const url = reply.reply === 'ok' ? String(reply.endpoint) : '';
  const visit = () => fetch(url, { headers: { [RUNNER_KEY_HEADER]: SPEC.runner_key } });
  return { runner, calls, exits, lines, grants, visit, end: exited.resolve };
}

it('ends with the code of an app that has ended by itself, and says why in its log', async () => {
  const { end, runner, exits, lines } = await startRunner();
  end({ code: 7, reason: 'out of patience' });
  await Promise.resolve();
  expect(exits).toEqual([7]);
  expect(lines.at(-1)).toBe('the app ended by itself: out of patience');
  runner.stop(0, 'the test is over');
});

it('passes on what its app may do from now on, and tells what that was denied', async () => {
  const { runner, grants } = await startRunner();
  const grant: AppGrant = { http: ['a.example'], apps: [], secrets: [] };
  expect((await runner.handle({ cmd: 'grant', grant })).reply).toMatchObject({ reply: 'ok' });
  expect(grants).toEqual([grant]);
  expect((await runner.handle({ cmd: 'health' })).reply).toMatchObject({
    denied: [{ entry: 'a.example', times: 3 }],
  });
  runner.stop(0, 'the test is over');
});

it('takes no notice of an end that was asked for', async () => {
  const { end, runner, calls, exits } = await startRunner();
  runner.stop(0, 'asked to');
  end({ code: 7, reason: 'it was stopped' });
  await expect.poll(() => exits).toEqual([0]);
  expect(calls).toEqual(['stop']);
});

it('has the app remove what it made before it says that a purge is done', async () => {
  const { runner, calls, exits } = await startRunner();
  const { reply, afterwards } = await runner.handle({ cmd: 'purge' });
  expect([reply.reply, calls, exits]).toEqual(['ok', ['purge'], []]);
  afterwards?.();
  expect(exits).toEqual([0]);
  runner.stop(0, 'the test is over');
});

it('is not well once it stops, without asking an app that is about to end', async () => {
  const { runner, exits, lines } = await startRunner();
  expect(await runner.handle({ cmd: 'health' })).toMatchObject({ reply: { state: 'serving', ok: true } });
  runner.stop(0, 'asked to');
  const { reply } = await runner.handle({ cmd: 'health' });
  expect(reply).toMatchObject({ state: 'stopping', ok: false, reason: expect.stringContaining('stopped') });
  await expect.poll(() => exits).toEqual([0]);
  expect(lines).not.toContainEqual(expect.stringContaining('well'));
});

it('has the app end what is open when the grace is over, and not before', async () => {
  const held: ServerResponse[] = [];
  const ends: string[] = [];
  const { runner, exits, visit } = await startRunner({
    serve: (_request, response) => {
      response.write('begun, ');
      held.push(response);
    },
    stop: async () => {
      for (const response of held) {
        ends.push(response.destroyed ? 'broken' : 'open');
        response.end('ended by the app');
      }
    },
  });
  const answer = await visit();
  const begun = performance.now();
  runner.stop(300, 'asked to');
  expect(await answer.text()).toBe('begun, ended by the app');
  expect(performance.now() - begun).toBeGreaterThan(290);
  await expect.poll(() => exits).toEqual([0]);
  expect(ends).toEqual(['open']);
});

it('says of an app that does not get ready what it may wait for, before who asked gives up', async () => {
  const lines: string[] = [];
  const runner = createRunner({
    redact: (text) => text,
    nonce: 'n',
    setGrant: () => {},
    denied: () => [],
    startApp: () => new Promise(() => {}),
    log: (_origin, line) => void lines.push(line),
    exit: () => {},
  });
  const spec = { ...SPEC, settings: { ...SPEC.settings, health_timeout_sec: 1 } };
  const { reply } = await runner.handle({ cmd: 'deploy', spec });
  const words = 'it was not ready within 0.5 s: a top-level await';
  expect(reply).toMatchObject({
    reply: 'err',
    code: 'start_failed',
    message: expect.stringContaining(words),
  });
  expect(lines).toEqual([expect.stringContaining(words)]);
});
