import { createCheckState } from './check-state.ts';
import { agentError } from './errors.ts';
import type { Budget } from './loop/budget.ts';
import { type LoopEvent, runLoop, type StopReason } from './loop/loop.ts';
import type { Model } from './model/model.ts';
import type { Platform } from './platform.ts';
import { systemPrompt } from './prompt.ts';
import { createDispatcher } from './tools/dispatcher.ts';
import { WORKSPACE_POLICY } from './tools/policy.ts';
import { definitionOf, TOOLS } from './tools/registry.ts';
import type { Workspace } from './workspace/workspace.ts';

export interface WriteOptions {
  readonly outcome: string;
  /** Slug the app is to have. */
  readonly name: string;
  readonly model: Model;
  readonly workspace: Workspace;
  readonly platform: Pick<Platform, 'check'>;
  readonly budget: Budget;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly emit: (event: LoopEvent) => void;
}

/**
 * Lets a model write an app into the workspace until it passes the check.
 *
 * @throws TabbifyError `budget_used_up`, `model_*`; the workspace then holds what there is, and nothing was pushed
 */
export async function writeWithModel(options: WriteOptions): Promise<void> {
  const { workspace, budget } = options;
  const state = createCheckState(options.platform.check, workspace);
  const deadline = AbortSignal.timeout(budget.timeMs);
  const signal = AbortSignal.any([options.signal, deadline]);
  const context = { workspace, platform: { check: state.check }, signal };
  let stopped: StopReason = { kind: 'idle' };
  const events = runLoop({
    model: options.model,
    system: systemPrompt(options.name),
    messages: [{ role: 'person', text: options.outcome }],
    tools: TOOLS.map(definitionOf),
    dispatch: createDispatcher({ tools: TOOLS, policy: WORKSPACE_POLICY, context }),
    budget,
    signal,
    now: options.now,
    // A model that stops without a check, or after a failed one, is shown what the check says.
    async onIdle() {
      if (state.isRight()) return null;
      const report = await state.check(workspace.root, signal);
      return report.ok ? null : `The app is not right yet. check_app says:\n${report.text}\nRepair it.`;
    },
    shouldStop: () => (state.failures() > budget.repairs ? state.lastComplaint() : null),
  });
  try {
    for await (const event of events) {
      options.emit(event);
      if (event.type === 'stopped') stopped = event.why;
    }
  } catch (error) {
    if (!deadline.aborted || options.signal.aborted) throw error;
    stopped = { kind: 'budget', detail: `it has had its ${Math.round(budget.timeMs / 1000)} seconds` };
  }
  if (stopped.kind !== 'idle') throw gaveUp(stopped, options);
}

function gaveUp(why: StopReason, { model, workspace, budget }: WriteOptions) {
  const kept = `What was written so far is in ${workspace.root}; nothing was pushed.`;
  if (why.kind === 'refused') {
    return agentError('model_refused', {
      what: `${model.name} declined to write this`,
      why: 'its provider stopped the answer',
      hint: `Describe the outcome in other words. ${kept}`,
    });
  }
  if (why.kind === 'hook') {
    return agentError('budget_used_up', {
      what: `The app is still not right after ${budget.repairs} repairs`,
      why: why.detail,
      hint: `Run the command again, or mend it yourself and \`tcli push\` it. ${kept}`,
    });
  }
  return agentError('budget_used_up', {
    what: 'The model did not finish the app',
    why: why.kind === 'budget' ? why.detail : 'its answer was cut off at the limit of one turn',
    hint: `Describe a smaller outcome, or choose another model with TABBIFY_MODEL. ${kept}`,
  });
}
