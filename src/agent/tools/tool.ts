import type { z } from 'zod';
import type { Platform } from '../platform.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** What a tool may touch. */
export interface ToolContext {
  readonly workspace: Workspace;
  readonly platform: Pick<Platform, 'check'>;
  readonly signal: AbortSignal;
}

/** What a tool answers the model. */
export interface ToolOutput {
  readonly ok: boolean;
  readonly text: string;
}

/** One tool: a folder here, one exported value, one line in `registry.ts`. */
export interface Tool<Schema extends z.ZodType = z.ZodType> {
  /** snake_case, as the model calls it. */
  readonly name: string;
  readonly description: string;
  readonly input: Schema;
  /** May throw: the dispatcher turns it into an answer for the model. */
  execute(input: z.infer<Schema>, context: ToolContext): Promise<ToolOutput>;
}

/** Keeps the schema's type while a tool is written down. */
export function defineTool<Schema extends z.ZodType>(tool: Tool<Schema>): Tool<Schema> {
  return tool;
}
