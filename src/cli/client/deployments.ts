import type { NodeAddress } from './address.ts';
import { serverSentEvents } from './event-stream.ts';
import {
  type DeploymentPhase,
  type DeploymentReply,
  type DeploymentStep,
  deploymentReply,
  deploymentStep,
  deploymentsReply,
  deployReply,
} from './replies.ts';
import { call, callJson } from './request.ts';

/** What is asked for; what is left out, the office decides. */
export interface WantedDeployment {
  readonly version?: number;
  /** Where, instead of what the version's manifest says. */
  readonly targets?: readonly { readonly supervisor: string; readonly runtime?: string }[];
  /** It may go where the data of the app is not. */
  readonly leave_data?: boolean;
}

/** Deployments of the office's apps. */
export interface DeploymentsClient {
  /** No version: the newest. @returns id of the deployment */
  deploy(uuid: string, wanted: WantedDeployment): Promise<string>;
  /** No version: the last one that was in place before. @returns id of the deployment */
  rollback(uuid: string, wanted: WantedDeployment): Promise<string>;
  /** The last ones of an app, the newest first. @param limit 1 to 200 */
  list(uuid: string, limit: number): Promise<readonly DeploymentReply[]>;
  /** Where it is, and how it went on each host. */
  show(id: string, signal?: AbortSignal): Promise<DeploymentReply>;
  /** Calls it off. */
  cancel(id: string): Promise<DeploymentReply>;
  /** Its steps from the request on, up to and with the last one (`hasEnded`). */
  follow(id: string, signal?: AbortSignal): AsyncIterable<DeploymentStep>;
}

const ENDS: ReadonlySet<DeploymentPhase> = new Set(['switched', 'failed', 'cancelled', 'superseded']);

/** Is this the last phase of a deployment? */
function hasEnded({ phase }: { readonly phase: DeploymentPhase }): boolean {
  return ENDS.has(phase);
}

export function deploymentsClient(address: NodeAddress): DeploymentsClient {
  const ask = async (verb: 'deploy' | 'rollback', uuid: string, wanted: WantedDeployment) => {
    const request = { method: 'POST' as const, path: `/v1/apps/${uuid}/${verb}`, json: wanted };
    return (await callJson(address, request, deployReply)).deployment_id;
  };
  return {
    deploy: (uuid, wanted) => ask('deploy', uuid, wanted),
    rollback: (uuid, wanted) => ask('rollback', uuid, wanted),
    async list(uuid, limit) {
      const path = `/v1/apps/${uuid}/deployments?limit=${limit}`;
      return (await callJson(address, { path }, deploymentsReply)).deployments;
    },
    show(id, signal) {
      const path = `/v1/deployments/${encodeURIComponent(id)}`;
      return callJson(address, { path, ...(signal === undefined ? {} : { signal }) }, deploymentReply);
    },
    cancel(id) {
      const path = `/v1/deployments/${encodeURIComponent(id)}`;
      return callJson(address, { method: 'DELETE', path }, deploymentReply);
    },
    async *follow(id, signal) {
      const path = `/v1/deployments/${encodeURIComponent(id)}/stream`;
      const signalled = signal === undefined ? {} : { signal };
      const response = await call(address, { path, accept: 'text/event-stream', ...signalled });
      for await (const event of serverSentEvents(response)) {
        const read = deploymentStep.safeParse(JSON.parse(event.data));
        if (!read.success) continue; // a phase of a later version
        yield read.data;
        if (hasEnded(read.data)) return;
      }
    },
  };
}
