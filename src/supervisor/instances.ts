import type { FoundRunner } from './adopt.ts';
import { supervisorError } from './errors.ts';
import { createInstance } from './instance.ts';
import type { Instance, InstanceContext } from './instance-context.ts';
import type { Assignment, DesiredState, InstanceStatus } from './protocol.ts';
import { removeTraces as removeFrom, type Traces } from './remove-traces.ts';

/** All apps of this host. */
export interface Instances {
  /** Takes up a new desired set; each app then goes its own way there. */
  apply(desired: DesiredState): void;
  isAssigned(app: string): boolean;
  /** What this host was told of an app. @throws TabbifyError `app_not_assigned` */
  assignmentOf(app: string): Assignment;
  /** One round of the monitor. */
  look(): Promise<void>;
  /** @throws TabbifyError `app_not_assigned` */
  get(app: string): Instance;
  list(): readonly InstanceStatus[];
  close(): Promise<void>;
}

/**
 * @param found what an earlier supervisor left
 * @param known what it was told last should be; null: nobody knows until the node has spoken
 */
export function createInstances(
  shared: Omit<InstanceContext, 'app' | 'desired' | 'removeTraces'>,
  found: readonly FoundRunner[],
  known: DesiredState | null,
): Instances {
  /** Null until somebody has said what should be: an empty set stops apps, ignorance must not. */
  let assignments: ReadonlyMap<string, Assignment> | null = null;
  const instances = new Map<string, Instance>();

  function instanceOf(app: string, runner: FoundRunner | null = null): Instance {
    const instance = instances.get(app);
    if (instance !== undefined) return instance;
    const desired = () => (assignments === null ? undefined : (assignments.get(app) ?? null));
    const removeTraces = ({ digests, data }: Traces): Promise<void> =>
      removeFrom(shared.home, app, {
        digests: digests.filter((digest) => !isUsedByOthers(app, digest)),
        data,
      });
    const made = createInstance({ ...shared, app, desired, removeTraces }, runner);
    instances.set(app, made);
    return made;
  }

  /** Artifacts are known by what they are: two apps may run the same. */
  function isUsedByOthers(app: string, digest: string): boolean {
    for (const [other, instance] of instances) {
      if (other !== app && instance.artifacts().includes(digest)) return true;
    }
    return false;
  }

  function apply(desired: DesiredState): void {
    assignments = new Map(desired.assignments.map((assignment) => [assignment.app, assignment]));
    for (const app of new Set([...assignments.keys(), ...instances.keys()])) {
      void instanceOf(app).converge();
    }
  }

  for (const each of found) instanceOf((each.kind === 'lost' ? each : each.runner).record.app, each);
  if (known !== null) apply(known);

  return {
    apply,
    isAssigned: (app) => assignments?.has(app) ?? false,
    assignmentOf(app) {
      const found = assignments?.get(app);
      if (found === undefined) throw notPlacedHere(app);
      return found;
    },
    async look() {
      await Promise.all([...instances.values()].map((instance) => instance.look()));
    },
    get(app) {
      if (assignments?.has(app) || instances.get(app)?.status().state === 'running') return instanceOf(app);
      throw notPlacedHere(app);
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

function notPlacedHere(app: string) {
  return supervisorError('app_not_assigned', {
    what: `App ${app} is not placed on this host`,
    hint: 'See `tabbify apps` for where it runs',
  });
}
