import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import {
  type Conversation,
  type Fault,
  neverRight,
  pageAfterOneRepair,
  type Script,
  startModelServer,
} from '../../test/fixtures/model-server/index.ts';
import { type ChatEvent, type Draft, runChat } from './chat.ts';
import { type Budget, DEFAULT_BUDGET } from './loop/budget.ts';
import { readModelConfig } from './model/config.ts';
import { providerModel } from './model/provider-model.ts';
import { localPlatform } from './testing/local-platform.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

interface Play {
  readonly script?: Script;
  readonly fault?: Fault;
  readonly dialect?: 'anthropic' | 'openai';
  readonly approve?: (draft: Draft) => Promise<boolean>;
  readonly budget?: Partial<Budget>;
  readonly silenceMs?: number;
  readonly signal?: AbortSignal;
}

/** One chat against the scripted model; a failure of the chat is part of the result. */
async function play({ script = pageAfterOneRepair, dialect = 'anthropic', ...options }: Play) {
  await using folder = await temporaryFolder();
  const { fault } = options;
  const server = await startModelServer({ script, ...(fault === undefined ? {} : { fault }) });
  const platform = localPlatform();
  const events: ChatEvent[] = [];
  const env =
    dialect === 'anthropic'
      ? { ANTHROPIC_API_KEY: server.key, ANTHROPIC_BASE_URL: server.url }
      : { OPENAI_API_KEY: server.key, OPENAI_BASE_URL: `${server.url}/v1` };
  const config = readModelConfig(env);
  try {
    const result = await runChat({
      outcome: 'a page for my bakery',
      model: config && providerModel(config, { retries: 0, silenceMs: options.silenceMs ?? 5000 }),
      platform,
      workspaces: join(folder.path, 'workspaces'),
      approve: options.approve ?? (async () => true),
      emit: (event) => void events.push(event),
      signal: options.signal ?? new AbortController().signal,
      budget: { ...DEFAULT_BUDGET, ...options.budget },
    }).catch((error) => error);
    const dir = join(folder.path, 'workspaces', 'bakery-1');
    const source = await readFile(join(dir, 'src', 'index.ts'), 'utf8').catch(() => null);
    return {
      result,
      events,
      server,
      pushed: [...platform.pushed],
      source,
      files: await readdir(dir).catch(() => []),
    };
  } finally {
    await server.close();
  }
}

for (const dialect of ['anthropic', 'openai'] as const) {
  test(`a model that speaks ${dialect} writes, reads the check's error, repairs, and the app is pushed`, async () => {
    const { result, server, pushed, source, events } = await play({ dialect });
    expect(server.complaints).toEqual([]);
    expect(result).toMatchObject({ status: 'answers', httpStatus: 200, app: { name: 'bakery' } });
    expect(pushed).toHaveLength(1);
    expect(source).toContain('från ugnen');
    expect(server.conversations).toHaveLength(5);
    expect(server.conversations[0]?.personTexts).toEqual(['a page for my bakery']);
    const answers = events.filter((event) => event.type === 'tool-answered').map((event) => event.result.ok);
    expect(answers).toEqual([true, true, false, true, true]);
  });
}

test('a person sees files and rights before anything is pushed, and a no pushes nothing', async () => {
  let seen: Draft | undefined;
  const { result, pushed } = await play({
    async approve(draft) {
      seen = draft;
      return false;
    },
  });
  expect(result).toMatchObject({ status: 'declined' });
  expect(pushed).toEqual([]);
  expect(seen?.files.map((file) => file.path)).toEqual(['src/index.ts', 'tabbify.toml']);
  expect(seen?.rights).toMatchObject([{ key: 'app.visibility', state: 'asked' }]);
});

test('after three repairs that do not help, it gives up, says why and pushes nothing', async () => {
  const { result, pushed, server } = await play({ script: neverRight });
  expect(result).toMatchObject({
    code: 'budget_used_up',
    what: 'The app is still not right after 3 repairs',
  });
  expect(result.why).toContain('src/index.ts');
  expect(result.hint).toContain('nothing was pushed');
  expect(pushed).toEqual([]);
  expect(server.conversations).toHaveLength(8); // four times: write, check
});

test('a model that stops without checking is shown the errors, and its repair is checked', async () => {
  const script: Script = (conversation) => {
    const { personTexts, rounds } = conversation;
    if (personTexts.length === 1) return { text: 'Done!' };
    if (rounds.length > 0) return { text: 'Now it is right.' };
    return { calls: pageAfterOneRepair({ ...conversation, rounds: [] }).calls?.slice(0, 1) ?? [] };
  };
  const { result, server } = await play({ script });
  expect(server.conversations[1]?.personTexts[1]).toContain('there is no tabbify.toml');
  expect(result).toMatchObject({ status: 'answers' });
});

test('arguments that are garbage, and tools that do not exist, are answered and cost nothing else', async () => {
  const seen: Conversation[] = [];
  const script: Script = (conversation) => {
    seen.push(conversation);
    if (conversation.rounds.length > 0)
      return pageAfterOneRepair({ ...conversation, rounds: conversation.rounds.slice(1) });
    return {
      calls: [
        { name: 'write_file', rawInput: '{"path": "src/index.ts", "content": ' },
        { name: 'write_file', input: { path: 7 } },
        { name: 'write_file', input: { path: '../../outside.ts', content: 'x' } },
        { name: 'delete_everything', input: {} },
      ],
    };
  };
  const { result, server } = await play({ script });
  expect(server.complaints).toEqual([]);
  const answers = seen[1]?.rounds[0]?.map(({ isError, text }) => ({ isError, text }));
  expect(answers).toMatchObject([
    { isError: true, text: expect.stringContaining('arguments of write_file') },
    { isError: true, text: expect.stringContaining('path') },
    { isError: true, text: expect.stringContaining('not allowed') },
    { isError: true, text: expect.stringContaining('There is no tool') },
  ]);
  expect(result).toMatchObject({ status: 'answers' });
});

const FAULTS: readonly (readonly [Fault, string, string])[] = [
  ['unauthorized', 'model_unauthorized', 'ANTHROPIC_API_KEY'],
  ['unknown-model', 'model_unknown', 'TABBIFY_MODEL'],
  ['rate-limited', 'model_limited', 'Wait'],
  ['overloaded', 'model_overloaded', 'nothing was pushed'],
  ['overloaded-in-stream', 'model_overloaded', 'nothing was pushed'],
  ['silent', 'model_timeout', 'nothing was pushed'],
];
for (const [fault, code, hint] of FAULTS) {
  test(`a provider that is ${fault} gives a clear error and pushes nothing`, async () => {
    const { result, pushed } = await play({ fault, silenceMs: 300 });
    expect(result).toMatchObject({ name: 'TabbifyError', code });
    expect(result.what).toBeTruthy();
    expect(result.why).toBeTruthy();
    expect(result.hint).toContain(hint);
    expect(pushed).toEqual([]);
  });
}

test('a provider that hangs up in the middle, or is not there, is named', async () => {
  const { result } = await play({ fault: 'hang-up' });
  expect(result).toMatchObject({
    name: 'TabbifyError',
    code: expect.stringMatching(/^model_(unreachable|answer)$/),
  });
  const gone = await startModelServer({ script: pageAfterOneRepair });
  await gone.close();
  const config = readModelConfig({ ANTHROPIC_API_KEY: 'x', ANTHROPIC_BASE_URL: gone.url });
  const model = config && providerModel(config, { retries: 0, silenceMs: 1000 });
  const request = {
    system: '',
    messages: [{ role: 'person', text: 'x' }] as const,
    tools: [],
    maxOutputTokens: 10,
  };
  const turn = model?.stream({ ...request, signal: new AbortController().signal })[Symbol.asyncIterator]();
  await expect(turn?.next()).rejects.toMatchObject({ code: 'model_unreachable' });
});

test('a model that declines, and one that is cut off, end the chat without a push', async () => {
  const declined = await play({ script: () => ({ text: 'I cannot help with that.', stop: 'refusal' }) });
  expect(declined.result).toMatchObject({ code: 'model_refused' });
  const cutOff = await play({ script: () => ({ text: 'And then', stop: 'max_tokens' }) });
  expect(cutOff.result).toMatchObject({ code: 'budget_used_up', what: 'The model did not finish the app' });
  expect([...declined.pushed, ...cutOff.pushed]).toEqual([]);
});

test('turns, tokens and time are bounded', async () => {
  const idle: Script = () => ({ calls: [{ name: 'list_files', input: {} }] });
  const turns = await play({ script: idle, budget: { turns: 3 } });
  expect(turns.result).toMatchObject({ code: 'budget_used_up', why: 'the model has had its 3 turns' });
  expect(turns.server.conversations).toHaveLength(3);
  const tokens = await play({ script: idle, budget: { tokens: 2000 } });
  expect(tokens.result.why).toBe('the model has used 2400 of 2000 tokens');
  const time = await play({ fault: 'silent', budget: { timeMs: 300 } });
  expect(time.result).toMatchObject({ code: 'budget_used_up' });
});

test('an abort ends the chat at once with its reason', async () => {
  const stop = new AbortController();
  const playing = play({ fault: 'silent', signal: stop.signal });
  setImmediate(() => stop.abort(new Error('Ctrl-C')));
  expect((await playing).result).toMatchObject({ message: 'Ctrl-C' });
});

test('without a model a starter is chosen, and its page shows the words of the outcome escaped', async () => {
  await using folder = await temporaryFolder();
  const platform = localPlatform(['bakery']);
  const events: ChatEvent[] = [];
  const chat = (outcome: string) =>
    runChat({
      outcome,
      model: null,
      platform,
      workspaces: folder.path,
      approve: async () => true,
      emit: (event) => void events.push(event),
      signal: new AbortController().signal,
    });
  expect(await chat('a page for my bakery')).toMatchObject({ status: 'answers', app: { name: 'bakery-2' } });
  const template = ['$', '{process.env.HOME}'].join('');
  const attack = await chat(`a page about "<script>alert(1)</script>" & \`${template}\` \u2028 \\`);
  expect(attack).toMatchObject({ status: 'answers' });
  const { default: app } = await import(pathToFileURL(join(attack.dir, 'src', 'index.ts')).href);
  const html = await (await app.fetch(new Request('http://x/'))).text();
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).not.toContain('<script>');
  expect(html).toContain(template);
  expect(events.filter((event) => event.type === 'starter-chosen')).toHaveLength(2);
});
