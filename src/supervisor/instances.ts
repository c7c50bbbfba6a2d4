import { supervisorError } from './errors.ts';
import { createInstance, type Instance, type InstanceContext } from './instance.ts';
import type { LiveRunner } from './live-runner.ts';
import type { Assignment, DesiredState, InstanceStatus } from './protocol.ts';

/** All apps of this host. */
export interface Instances {
  /** Takes up a new desired set; each app then goes its own way there. */
  apply(desired: DesiredState): void;
  isAssigned(app: string): boolean;
  /** @throws TabbifyError `app_not_assigned` */
  get(app: string): Instance;
  list(): readonly InstanceStatus[];
  close(): Promise<void>;
}

/** @param adopted runners that outlived an earlier supervisor */
export function createInstances(
  shared: Omit<InstanceContext, 'app' | 'desired'>,
  adopted: readonly LiveRunner[],
): Instances {
  /** Null until somebody has said what should be: an empty set stops apps, ignorance must not. */
  let assignments: ReadonlyMap<string, Assignment> | null = null;
  const instances = new Map<string, Instance>();

  function instanceOf(app: string, runner: LiveRunner | null = null): Instance {
    const known = instances.get(app);
    if (known !== undefined) return known;
    const desired = () => (assignments === null ? undefined : (assignments.get(app) ?? null));
    const made = createInstance({ ...shared, app, desired }, runner);
    instances.set(app, made);
    return made;
  }

  for (const runner of adopted) instanceOf(runner.record.app, runner);

  return {
    apply(desired) {
      assignments = new Map(desired.assignments.map((assignment) => [assignment.app, assignment]));
      for (const app of new Set([...assignments.keys(), ...instances.keys()])) {
        void instanceOf(app).converge();
      }
    },
    isAssigned: (app) => assignments?.has(app) ?? false,
    get(app) {
      if (assignments?.has(app) || instances.get(app)?.status().state === 'running') return instanceOf(app);
      throw supervisorError('app_not_assigned', {
        what: `App ${app} is not placed on this host`,
        hint: 'See `tabbify apps` for where it runs',
      });
    },
    list: () =>
      [...instances.values()]
        .map((instance) => instance.status())
        .filter(({ app, state }) => assignments?.has(app) || state === 'running'),
    async close() {
      await Promise.all([...instances.values()].map((instance) => instance.close()));
    },
  };
}
