export { type ChatEvent, type ChatOptions, type ChatResult, type Draft, runChat } from './chat.ts';
export { type Budget, DEFAULT_BUDGET } from './loop/budget.ts';
export { type LoopEvent, type LoopOptions, runLoop, type StopReason } from './loop/loop.ts';
export { MODEL_SETUP_HINT, type ModelConfig, readModelConfig } from './model/config.ts';
export type {
  Message,
  Model,
  ModelPart,
  ModelRequest,
  ToolCall,
  ToolDefinition,
  ToolResult,
} from './model/model.ts';
export { type ProviderLimits, providerModel } from './model/provider-model.ts';
export type { CheckReport, Platform, PushedApp } from './platform.ts';
export { type Right, rightsOf } from './rights.ts';
export { chooseStarter, STARTERS } from './starters/registry.ts';
export type { Starter, StarterRequest } from './starters/starter.ts';
export { createDispatcher, type Dispatch } from './tools/dispatcher.ts';
export { type ToolPolicy, type Verdict, WORKSPACE_POLICY } from './tools/policy.ts';
export { definitionOf, TOOLS } from './tools/registry.ts';
export type { Tool, ToolContext, ToolOutput } from './tools/tool.ts';
export { openWorkspace, type Workspace, type WorkspaceFile } from './workspace/workspace.ts';
