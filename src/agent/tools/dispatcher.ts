import { z } from 'zod';
import { messageOf, TabbifyError } from '../../kit/index.ts';
import type { ToolCall, ToolResult } from '../model/model.ts';
import { type ToolPolicy, verdictOn } from './policy.ts';
import type { Tool, ToolContext, ToolOutput } from './tool.ts';

/** Answers one tool call. Never throws, except with the reason of an aborted signal. */
export type Dispatch = (call: ToolCall) => Promise<ToolResult>;

export interface DispatcherOptions {
  readonly tools: readonly Tool[];
  readonly policy: ToolPolicy;
  readonly context: ToolContext;
  /** Asks a person about a call whose verdict is `ask`. Must not throw; absent, such calls are denied. */
  readonly ask?: (call: ToolCall) => Promise<boolean>;
}

/** Longest answer given to the model, in characters: a build log can be endless. */
const MAX_ANSWER = 16_000;

/** The one way a model's wish becomes an effect: known tool, verdict, checked input, then the tool itself. */
export function createDispatcher(options: DispatcherOptions): Dispatch {
  return async (call) => {
    const output = await answer(options, call);
    const text =
      output.text.length > MAX_ANSWER ? `${output.text.slice(0, MAX_ANSWER)}\n… (cut)` : output.text;
    return { callId: call.id, name: call.name, ok: output.ok, text };
  };
}

async function answer(options: DispatcherOptions, call: ToolCall): Promise<ToolOutput> {
  const tool = options.tools.find((each) => each.name === call.name);
  if (tool === undefined) {
    const names = options.tools.map((each) => each.name).join(', ');
    return { ok: false, text: `There is no tool ${JSON.stringify(call.name)}. The tools are: ${names}.` };
  }
  const input = tool.input.safeParse(call.input);
  if (!input.success) {
    return {
      ok: false,
      text: `The arguments of ${tool.name} are not right:\n${z.prettifyError(input.error)}`,
    };
  }
  const verdict = verdictOn(options.policy, tool.name);
  const allowed = verdict === 'allow' || (verdict === 'ask' && (await options.ask?.(call)) === true);
  if (!allowed)
    return { ok: false, text: `A person has to allow ${tool.name}, and nobody has. Go on without it.` };
  try {
    return await tool.execute(input.data, options.context);
  } catch (error) {
    options.context.signal.throwIfAborted();
    return {
      ok: false,
      text: error instanceof TabbifyError ? textOf(error) : `It failed: ${messageOf(error)}`,
    };
  }
}

function textOf(error: TabbifyError): string {
  return error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
}
