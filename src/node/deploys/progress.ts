/** Where a deployment is, as a person is told. */
export type DeploymentPhaseName = 'requested' | 'building' | 'placing' | 'starting' | 'succeeded' | 'failed';

/** One line of progress. */
export interface DeploymentStep {
  readonly phase: DeploymentPhaseName;
  readonly detail?: string;
  /** Of `failed`: why. */
  readonly reason?: string;
  /** Of `failed`: the app's last own lines. */
  readonly log_tail?: readonly string[];
}

/** Steps of running and recent deployments; a deployment that is not here is told from the state. */
export interface Progress {
  add(deployment: string, step: DeploymentStep): void;
  steps(deployment: string): readonly DeploymentStep[];
  /** Resolves when a step was added after the first `seen` ones, or when the signal aborts. */
  changed(deployment: string, seen: number, signal: AbortSignal): Promise<void>;
}

const MAX_REMEMBERED = 200;

export function createProgress(): Progress {
  const steps = new Map<string, DeploymentStep[]>();
  const waiting = new Map<string, Set<() => void>>();

  return {
    add(deployment, step) {
      const known = steps.get(deployment) ?? [];
      known.push(step);
      steps.set(deployment, known);
      const oldest = steps.keys().next();
      if (steps.size > MAX_REMEMBERED && !oldest.done) steps.delete(oldest.value);
      for (const wake of [...(waiting.get(deployment) ?? [])]) wake();
    },
    steps: (deployment) => steps.get(deployment) ?? [],
    changed(deployment, seen, signal) {
      if (signal.aborted || (steps.get(deployment)?.length ?? 0) > seen) return Promise.resolve();
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

/** Is this the last thing that is said of a deployment? */
export function isFinal(step: DeploymentStep): boolean {
  return step.phase === 'succeeded' || step.phase === 'failed';
}
