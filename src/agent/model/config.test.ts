import { expect, test } from 'vitest';
import { readModelConfig } from './config.ts';

test('without a key there is no model', () => {
  expect(readModelConfig({})).toBeNull();
  expect(readModelConfig({ ANTHROPIC_API_KEY: '', TABBIFY_MODEL: '' })).toBeNull();
});

test.each([
  [{ ANTHROPIC_API_KEY: 'k' }, 'anthropic', 'https://api.anthropic.com/v1', 'messages'],
  [{ ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k' }, 'anthropic', 'https://api.anthropic.com/v1', 'messages'],
  [
    { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'http://127.0.0.1:1/' },
    'anthropic',
    'http://127.0.0.1:1/v1',
    'messages',
  ],
  [
    { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'http://h/proxy/v1' },
    'anthropic',
    'http://h/proxy/v1',
    'messages',
  ],
  [{ OPENAI_API_KEY: 'k' }, 'openai', 'https://api.openai.com/v1', 'responses'],
  [{ OPENAI_BASE_URL: 'http://localhost:11434/v1' }, 'openai', 'http://localhost:11434/v1', 'chat'],
  [{ OPENAI_BASE_URL: 'http://localhost:8080' }, 'openai', 'http://localhost:8080/v1', 'chat'],
] as const)('%o asks %s at %s', (env, provider, baseUrl, dialect) => {
  expect(readModelConfig(env)).toMatchObject({ provider, baseUrl, dialect });
});

test('TABBIFY_MODEL chooses the model, and the provider where it names one', () => {
  const both = { ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k' };
  expect(readModelConfig({ ...both, TABBIFY_MODEL: 'big' })).toMatchObject({
    provider: 'anthropic',
    model: 'big',
  });
  expect(readModelConfig({ ...both, TABBIFY_MODEL: 'openai/o-1' })).toMatchObject({
    provider: 'openai',
    model: 'o-1',
  });
  expect(readModelConfig({ OPENAI_BASE_URL: 'http://h', TABBIFY_MODEL: 'org/model:7b' })).toMatchObject({
    model: 'org/model:7b',
  });
});

test('variables that contradict each other are an error that says what to set', () => {
  expect(() => readModelConfig({ TABBIFY_MODEL: 'openai/x' })).toThrow(
    expect.objectContaining({ code: 'model_config', hint: expect.stringContaining('OPENAI_API_KEY') }),
  );
  expect(() => readModelConfig({ ANTHROPIC_BASE_URL: 'example.com' })).toThrow(
    expect.objectContaining({ code: 'model_config' }),
  );
});
