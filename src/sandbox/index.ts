export type * from './box.ts';
export { sandboxError } from './errors.ts';
export { settleGroups } from './groups/choose.ts';
export { openBox } from './open-box.ts';
export { probeBoxes } from './probe/probe-boxes.ts';
export { sweepBoxes } from './sweep.ts';
export { removeForeign } from './tool/remove-foreign.ts';
export { runTool, type ToolResult, type ToolSpec } from './tool/run-tool.ts';
export { NODE_IN_BOX } from './tool/tool-files.ts';
