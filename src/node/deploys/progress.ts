import { type DeploymentPhase, isOpenPhase, type OfficeState, phasesPassed } from '../../state/index.ts';
import type { LiveState } from '../live-state.ts';

/** One line of progress. */
export interface DeploymentStep {
  readonly phase: DeploymentPhase;
  readonly detail?: string;
  /** Of `awaiting_approval`: what a person has to decide. */
  readonly approval?: string;
  /** Host that it is about, where it is about one. */
  readonly supervisor?: string;
  /** Of one that is not in place: why. */
  readonly reason?: string;
  /** Of `failed`: the app's last own lines. */
  readonly log_tail?: readonly string[];
}

/**
 * How deployments go. The phases are those of the state, so that they can be told at any time; details of what is being
 * done now are remembered for running and recent ones.
 */
export interface Progress {
  add(deployment: string, step: DeploymentStep): void;
  /** From the request on; it only grows. */
  steps(deployment: string): readonly DeploymentStep[];
  /** Resolves when there may be a further step, or when the signal aborts. */
  changed(deployment: string, signal: AbortSignal): Promise<void>;
}

const MAX_REMEMBERED = 200;

export function createProgress({ office, onEvent }: Pick<LiveState, 'office' | 'onEvent'>): Progress {
  const details = new Map<string, DeploymentStep[]>();
  const waiting = new Map<string, Set<() => void>>();
  const wake = (deployment: string) => {
    for (const each of [...(waiting.get(deployment) ?? [])]) each();
  };
  onEvent(({ data }) => {
    if (waiting.size === 0) return;
    for (const id of waiting.keys()) {
      if (data.deployment_id === id || data.app === office.deployments.get(id)?.app) wake(id);
    }
  });

  return {
    add(deployment, step) {
      const known = details.get(deployment) ?? [];
      known.push(step);
      details.set(deployment, known);
      const oldest = details.keys().next();
      if (details.size > MAX_REMEMBERED && !oldest.done) details.delete(oldest.value);
      wake(deployment);
    },
    steps: (deployment) => stepsOf(office, deployment, details.get(deployment) ?? []),
    changed(deployment, signal) {
      if (signal.aborted) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      const waiters = waiting.get(deployment) ?? new Set();
      waiting.set(deployment, waiters.add(resolve));
      const give = () => resolve();
      signal.addEventListener('abort', give);
      return promise.finally(() => {
        signal.removeEventListener('abort', give);
        waiters.delete(resolve);
        if (waiters.size === 0) waiting.delete(deployment);
      });
    },
  };
}

/** Every phase that it went through, each with what was said of it: details may come when it was told already. */
function stepsOf(office: OfficeState, id: string, details: readonly DeploymentStep[]): DeploymentStep[] {
  const deployment = office.deployments.get(id);
  if (deployment === undefined) return [];
  return phasesPassed(deployment).flatMap((phase): DeploymentStep[] => {
    if (isOpenPhase(phase)) {
      const { approval } = deployment;
      const first = phase === 'awaiting_approval' && approval !== null ? { phase, approval } : { phase };
      return [first, ...details.filter((step) => step.phase === phase)];
    }
    if (phase === 'switched') return [{ phase, detail: `version ${deployment.version} is in place` }];
    const { stage = '', reason = '', logTail = [] } = deployment.failure ?? {};
    return [{ phase, detail: stage, reason, log_tail: logTail }];
  });
}

/** Is this the last thing that is said of a deployment? */
export function isFinal(step: DeploymentStep): boolean {
  return !isOpenPhase(step.phase);
}
