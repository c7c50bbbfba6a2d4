import type { FinishReason, LanguageModel, TextStreamPart, ToolSet } from 'ai';
import type { ModelConfig } from './config.ts';
import type {
  AssistantPart,
  EndReason,
  Model,
  ModelPart,
  ModelRequest,
  ToolDefinition,
  Usage,
} from './model.ts';
import { providerError } from './provider-error.ts';
import { providerMessages } from './provider-messages.ts';

export interface ProviderLimits {
  /** Tries after the first for what may pass (429, 5xx, connection); the package waits 2 s, 4 s … between them. */
  readonly retries: number;
  /** Longest silence of the provider within an answer, milliseconds. */
  readonly silenceMs: number;
}

const DEFAULT_LIMITS: ProviderLimits = { retries: 2, silenceMs: 120_000 };

/** A model behind the `ai` package, which is loaded at the first request. */
export function providerModel(config: ModelConfig, limits: ProviderLimits = DEFAULT_LIMITS): Model {
  return {
    name: `${config.provider}/${config.model}`,
    async *stream(request) {
      try {
        yield* streamTurn(config, limits, request);
      } catch (error) {
        if (request.signal.aborted) throw error;
        throw providerError(error, config);
      }
    },
  };
}

async function* streamTurn(
  config: ModelConfig,
  limits: ProviderLimits,
  request: ModelRequest,
): AsyncGenerator<ModelPart> {
  const { streamText, jsonSchema } = await import('ai');
  const tools: ToolSet = {};
  for (const tool of request.tools) tools[tool.name] = toolOf(tool, jsonSchema);
  const result = streamText({
    model: await languageModel(config),
    instructions: request.system,
    messages: providerMessages(request.messages),
    tools,
    maxOutputTokens: request.maxOutputTokens,
    maxRetries: limits.retries,
    abortSignal: request.signal,
    timeout: { firstChunkMs: limits.silenceMs, chunkMs: limits.silenceMs },
    onError() {}, // the same error arrives as a part of the stream
  });
  const text = new Map<string, string>();
  for await (const part of result.stream) {
    if (part.type === 'error') throw part.error;
    if (part.type === 'abort') throw abortReason(request.signal, part.reason);
    if (part.type === 'text-delta') yield { type: 'text-delta', text: part.text };
    const kept = keptPart(part, text);
    if (kept) yield { type: 'part', part: kept };
    if (part.type === 'finish')
      yield { type: 'end', reason: endReason(part.finishReason), usage: usageOf(part.totalUsage) };
  }
}

/** A finished part of the answer; deltas are gathered in `text` by part id until theirs ends. */
function keptPart(part: TextStreamPart<ToolSet>, text: Map<string, string>): AssistantPart | null {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
      text.set(part.id, (text.get(part.id) ?? '') + part.text);
      return null;
    case 'text-end': {
      const whole = text.get(part.id) ?? '';
      return whole === '' ? null : { type: 'text', text: whole };
    }
    case 'reasoning-end':
      return { type: 'reasoning', text: text.get(part.id) ?? '', opaque: part.providerMetadata };
    case 'tool-call':
      return { type: 'tool-call', call: { id: part.toolCallId, name: part.toolName, input: part.input } };
    default:
      return null;
  }
}

/** Tools carry no `execute`: the package hands every call to us, and our dispatcher alone decides. */
function toolOf(tool: ToolDefinition, jsonSchema: typeof import('ai')['jsonSchema']): ToolSet[string] {
  return { description: tool.description, inputSchema: jsonSchema(tool.inputSchema as object) };
}

async function languageModel(config: ModelConfig): Promise<LanguageModel> {
  const settings = { baseURL: config.baseUrl, apiKey: config.apiKey || 'none' };
  if (config.provider === 'anthropic') {
    const { createAnthropic } = await import('@ai-sdk/anthropic');
    return createAnthropic(settings)(config.model);
  }
  const { createOpenAI } = await import('@ai-sdk/openai');
  const openai = createOpenAI(settings);
  return config.dialect === 'chat' ? openai.chat(config.model) : openai.responses(config.model);
}

function endReason(reason: FinishReason): EndReason {
  if (reason === 'stop' || reason === 'tool-calls' || reason === 'length') return reason;
  return reason === 'content-filter' ? 'refused' : 'other';
}

function usageOf(usage: { inputTokens: number | undefined; outputTokens: number | undefined }): Usage {
  return { inputTokens: usage.inputTokens ?? 0, outputTokens: usage.outputTokens ?? 0 };
}

function abortReason(signal: AbortSignal, reason: string | undefined): unknown {
  return signal.aborted
    ? signal.reason
    : new DOMException(reason ?? 'the provider fell silent', 'TimeoutError');
}
