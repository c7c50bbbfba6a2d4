import type { JsonObject } from '../../log/index.ts';

/** A tool as a model is told of it. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the input, an object. */
  readonly inputSchema: JsonObject;
}

/** A model's wish to use a tool. `input` is whatever the model wrote: nothing about it has been checked. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

/** What a tool call is answered with. */
export interface ToolResult {
  readonly callId: string;
  readonly name: string;
  readonly ok: boolean;
  readonly text: string;
}

/** What a model said, in order. `reasoning` is given back unread: some providers want it in the next request. */
export type AssistantPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string; readonly opaque: unknown }
  | { readonly type: 'tool-call'; readonly call: ToolCall };

export type Message =
  | { readonly role: 'person'; readonly text: string }
  | { readonly role: 'assistant'; readonly parts: readonly AssistantPart[] }
  | { readonly role: 'tools'; readonly results: readonly ToolResult[] };

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** How a turn of the model ended; `length` means it was cut off by `maxOutputTokens`. */
export type EndReason = 'stop' | 'tool-calls' | 'length' | 'refused' | 'other';

/** A turn as it arrives: deltas to show, then the parts as they are to be kept, and exactly one `end`, last. */
export type ModelPart =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'part'; readonly part: AssistantPart }
  | { readonly type: 'end'; readonly reason: EndReason; readonly usage: Usage };

export interface ModelRequest {
  readonly system: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  readonly maxOutputTokens: number;
  readonly signal: AbortSignal;
}

/** A language model. The provider's own format appears behind this interface only. */
export interface Model {
  /** For people, e.g. `anthropic/claude-sonnet-5`. */
  readonly name: string;
  /**
   * One turn.
   *
   * @throws TabbifyError `model_*`; an abort of the signal is thrown as it is
   */
  stream(request: ModelRequest): AsyncIterable<ModelPart>;
}
