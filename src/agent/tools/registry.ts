import { z } from 'zod';
import type { JsonObject } from '../../log/index.ts';
import type { ToolDefinition } from '../model/model.ts';
import { checkApp } from './check-app/index.ts';
import { listFiles } from './list-files/index.ts';
import { readFile } from './read-file/index.ts';
import type { Tool } from './tool.ts';
import { writeFile } from './write-file/index.ts';

/** Every tool there is. */
export const TOOLS: readonly Tool[] = [writeFile, readFile, listFiles, checkApp];

/** A tool as a model is told of it. */
export function definitionOf(tool: Tool): ToolDefinition {
  const { $schema: _dialect, ...inputSchema } = z.toJSONSchema(tool.input) as JsonObject;
  return { name: tool.name, description: tool.description, inputSchema };
}
