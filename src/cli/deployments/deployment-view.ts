import {
  type DeploymentPhase,
  type DeploymentReply,
  type DeploymentStep,
  deploymentPhase,
} from '../client/replies.ts';

/** How one host does: `waiting` until it was told. */
export interface HostView {
  readonly supervisor: string;
  readonly runtime: string;
  readonly state: 'waiting' | 'starting' | 'serving' | 'failed';
  /** Of one that failed. */
  readonly reason: string | null;
  readonly logTail: readonly string[];
}

/** What is known of a deployment at a moment. */
export interface DeploymentView {
  readonly phase: DeploymentPhase;
  /** Phases it is known to have gone through, the present one among them. */
  readonly seen: ReadonlySet<DeploymentPhase>;
  /** What is being done in this phase; null: nothing was said. */
  readonly detail: string | null;
  /** Hosts that were told to start it, as far as it is known. */
  readonly told: ReadonlySet<string>;
  /** Empty until it was decided where it goes. */
  readonly hosts: readonly HostView[];
}

/** Before anything was heard of it. */
export const UNHEARD: DeploymentView = {
  phase: 'requested',
  seen: new Set(['requested']),
  detail: null,
  told: new Set(),
  hosts: [],
};

const ORDER: readonly string[] = deploymentPhase.options;

/** Did it get on from that phase? One that has ended may have ended there. */
export function gotOnFrom({ seen }: DeploymentView, phase: DeploymentPhase): boolean {
  return ORDER.slice(ORDER.indexOf(phase) + 1, ORDER.indexOf('switched') + 1).some((each) =>
    (seen as ReadonlySet<string>).has(each),
  );
}

function isPast({ phase }: DeploymentView, other: DeploymentPhase): boolean {
  return ORDER.indexOf(phase) > ORDER.indexOf(other);
}

/** The view after a step of the stream. A stream that is opened again begins anew, so steps that are known change nothing. */
export function afterStep(view: DeploymentView, step: DeploymentStep): DeploymentView {
  const { supervisor } = step;
  const told = step.phase === 'starting' && supervisor ? new Set([...view.told, supervisor]) : view.told;
  const seen = new Set([...view.seen, step.phase]);
  if (isPast(view, step.phase)) return { ...view, seen };
  const isLater = step.phase !== view.phase;
  const detail = (supervisor ? null : step.detail) ?? (isLater ? null : view.detail);
  return withHosts({ ...view, phase: step.phase, seen, detail, told }, view.hosts);
}

/** The view after the office said where the deployment is. */
export function afterReply(view: DeploymentView, { phase: name, results }: DeploymentReply): DeploymentView {
  const hosts = results.map(({ supervisor, runtime, success, error, log_tail }): HostView => {
    const state = success === null ? 'waiting' : success ? 'serving' : 'failed';
    return { supervisor, runtime, state, reason: error ?? null, logTail: log_tail ?? [] };
  });
  const { data: phase = view.phase } = deploymentPhase.safeParse(name);
  if (isPast(view, phase)) return withHosts(view, hosts);
  const detail = phase === view.phase ? view.detail : null;
  return withHosts({ ...view, phase, detail, seen: new Set([...view.seen, phase]) }, hosts);
}

/** An office that has restarted does not remember which hosts it has told: then it is taken to be all of them. */
function withHosts(view: DeploymentView, hosts: readonly HostView[]): DeploymentView {
  const isTold = ({ supervisor }: HostView) =>
    view.phase === 'starting' && (view.told.size === 0 || view.told.has(supervisor));
  return {
    ...view,
    hosts: hosts.map((host) =>
      host.state === 'waiting' && isTold(host) ? { ...host, state: 'starting' } : host,
    ),
  };
}
