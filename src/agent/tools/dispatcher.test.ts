import { expect, test } from 'vitest';
import { z } from 'zod';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openWorkspace } from '../workspace/workspace.ts';
import { createDispatcher, type DispatcherOptions } from './dispatcher.ts';
import { verdictOn, WORKSPACE_POLICY } from './policy.ts';
import { definitionOf, TOOLS } from './registry.ts';
import { defineTool, type Tool } from './tool.ts';

async function dispatching(options: Partial<DispatcherOptions>, execute: Tool['execute']) {
  await using folder = await temporaryFolder();
  const launch = defineTool({
    name: 'launch',
    description: '',
    input: z.object({ target: z.string() }),
    execute,
  });
  const dispatch = createDispatcher({
    tools: [launch],
    policy: {},
    context: {
      workspace: await openWorkspace(folder.path),
      platform: { check: async () => ({ ok: true, text: '' }) },
      signal: new AbortController().signal,
    },
    ...options,
  });
  return dispatch({ id: 'call-1', name: 'launch', input: { target: 'moon' } });
}

test('a tool that no policy names is asked about, and without anyone to ask it never runs', async () => {
  let launched = 0;
  const execute = async () => ({ ok: true, text: `launched ${++launched}` });
  expect(verdictOn(WORKSPACE_POLICY, 'launch')).toBe('ask');
  expect(verdictOn(WORKSPACE_POLICY, 'toString')).toBe('ask');
  expect(await dispatching({}, execute)).toMatchObject({ ok: false });
  expect(await dispatching({ ask: async () => false }, execute)).toMatchObject({ ok: false });
  expect(await dispatching({ policy: { launch: 'deny' }, ask: async () => true }, execute)).toMatchObject({
    ok: false,
  });
  expect(launched).toBe(0);
  expect(await dispatching({ ask: async () => true }, execute)).toMatchObject({
    ok: true,
    text: 'launched 1',
  });
});

test('what a tool throws becomes an answer, except an abort', async () => {
  const policy = { launch: 'allow' } as const;
  const failing = async () => {
    throw new Error('no fuel');
  };
  expect(await dispatching({ policy }, failing)).toEqual({
    callId: 'call-1',
    name: 'launch',
    ok: false,
    text: 'It failed: no fuel',
  });
});

test('an endless answer is cut', async () => {
  const { text } = await dispatching({ policy: { launch: 'allow' } }, async () => ({
    ok: true,
    text: 'x'.repeat(1e6),
  }));
  expect(text.length).toBeLessThan(20_000);
});

test('every tool describes itself as a JSON Schema object and has a verdict', () => {
  for (const tool of TOOLS) {
    expect(definitionOf(tool)).toMatchObject({ name: tool.name, inputSchema: { type: 'object' } });
    expect(Object.hasOwn(WORKSPACE_POLICY, tool.name)).toBe(true);
  }
});
