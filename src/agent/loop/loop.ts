import type {
  AssistantPart,
  EndReason,
  Message,
  Model,
  ToolCall,
  ToolDefinition,
  ToolResult,
} from '../model/model.ts';
import type { Dispatch } from '../tools/dispatcher.ts';
import { type Budget, nothingSpent, type Spending, spentOn } from './budget.ts';

/** What happens while the model works, in order. */
export type LoopEvent =
  | { readonly type: 'turn-started'; readonly turn: number }
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'tool-called'; readonly call: ToolCall }
  | { readonly type: 'tool-answered'; readonly result: ToolResult }
  | {
      readonly type: 'stopped';
      readonly why: StopReason;
      readonly spending: Spending;
      readonly messages: readonly Message[];
    };

/** `idle`: the model has nothing more to do. The others end it from outside. */
export type StopReason =
  | { readonly kind: 'idle' | 'refused' | 'cut-off' }
  | { readonly kind: 'budget' | 'hook'; readonly detail: string };

export interface LoopOptions {
  readonly model: Model;
  readonly system: string;
  /** The conversation so far; it is not changed. */
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  readonly dispatch: Dispatch;
  readonly budget: Budget;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The model has stopped calling tools: a text goes on as the person's next message, null ends the loop. */
  readonly onIdle?: () => Promise<string | null>;
  /** After each round of tool answers and each `onIdle`: a text stops the loop with that reason. Must not throw. */
  readonly shouldStop?: () => string | null;
}

/**
 * The loop of an agent: the model speaks, its tool calls are dispatched one after the other, their answers go back,
 * until it is idle or something ends it. The last event is always `stopped`.
 *
 * @throws TabbifyError `model_*` from the model; the signal's reason when it is aborted
 */
export async function* runLoop(options: LoopOptions): AsyncGenerator<LoopEvent, void> {
  const messages = [...options.messages];
  let spending = nothingSpent(options.now());
  const stopped = (why: StopReason): LoopEvent => ({ type: 'stopped', why, spending, messages });
  while (true) {
    options.signal.throwIfAborted();
    const exceeded = spentOn(options.budget, spending, options.now());
    if (exceeded !== null) return void (yield stopped({ kind: 'budget', detail: exceeded }));
    yield { type: 'turn-started', turn: spending.turns + 1 };
    const parts: AssistantPart[] = [];
    let end: EndReason = 'other';
    for await (const part of options.model.stream({
      system: options.system,
      messages,
      tools: options.tools,
      maxOutputTokens: options.budget.outputTokensPerTurn,
      signal: options.signal,
    })) {
      if (part.type === 'text-delta') yield part;
      else if (part.type === 'part') parts.push(part.part);
      else {
        end = part.reason;
        spending = {
          ...spending,
          turns: spending.turns + 1,
          tokens: spending.tokens + part.usage.inputTokens + part.usage.outputTokens,
        };
      }
    }
    if (parts.length > 0) messages.push({ role: 'assistant', parts });
    const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [part.call] : []));
    if (end === 'refused') return void (yield stopped({ kind: 'refused' }));
    if (end === 'length') return void (yield stopped({ kind: 'cut-off' }));
    if (calls.length === 0) {
      const next = (await options.onIdle?.()) ?? null;
      if (next === null) return void (yield stopped({ kind: 'idle' }));
      const reason = options.shouldStop?.() ?? null;
      if (reason !== null) return void (yield stopped({ kind: 'hook', detail: reason }));
      messages.push({ role: 'person', text: next });
      continue;
    }
    const results: ToolResult[] = [];
    for (const call of calls) {
      yield { type: 'tool-called', call };
      const result = await options.dispatch(call);
      results.push(result);
      yield { type: 'tool-answered', result };
    }
    messages.push({ role: 'tools', results });
    const reason = options.shouldStop?.() ?? null;
    if (reason !== null) return void (yield stopped({ kind: 'hook', detail: reason }));
  }
}
