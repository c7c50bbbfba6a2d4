import type { JSONValue, ModelMessage } from 'ai';
import type { AssistantPart, Message } from './model.ts';

type AssistantContent = Exclude<Extract<ModelMessage, { role: 'assistant' }>['content'], string>;
type ProviderOptions = NonNullable<ModelMessage['providerOptions']>;

/** Our conversation as the `ai` package wants it. */
export function providerMessages(messages: readonly Message[]): ModelMessage[] {
  return messages.map((message): ModelMessage => {
    if (message.role === 'person') return { role: 'user', content: message.text };
    if (message.role === 'assistant')
      return { role: 'assistant', content: message.parts.map(assistantContent) };
    return {
      role: 'tool',
      content: message.results.map((result) => ({
        type: 'tool-result' as const,
        toolCallId: result.callId,
        toolName: result.name,
        output: { type: result.ok ? ('text' as const) : ('error-text' as const), value: result.text },
      })),
    };
  });
}

function assistantContent(part: AssistantPart): AssistantContent[number] {
  if (part.type === 'text') return { type: 'text', text: part.text };
  if (part.type === 'reasoning') {
    const providerOptions = part.opaque as ProviderOptions | undefined;
    return {
      type: 'reasoning',
      text: part.text,
      ...(providerOptions === undefined ? {} : { providerOptions }),
    };
  }
  const { id, name, input } = part.call;
  return { type: 'tool-call', toolCallId: id, toolName: name, input: objectOf(input) };
}

/** Providers take an object only; what a model garbled goes back to it as text inside one. */
function objectOf(input: unknown): { [key: string]: JSONValue } {
  if (typeof input === 'object' && input !== null && !Array.isArray(input))
    return input as { [key: string]: JSONValue };
  return { unreadable: typeof input === 'string' ? input : JSON.stringify(input ?? null) };
}
