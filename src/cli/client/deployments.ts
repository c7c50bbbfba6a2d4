import type { NodeAddress } from './address.ts';
import { serverSentEvents } from './event-stream.ts';
import {
  type DeploymentReply,
  type DeploymentStep,
  deploymentReply,
  deploymentStep,
  deploymentsReply,
  deployReply,
} from './replies.ts';
import { call, callJson } from './request.ts';

/** Deployments of the office's apps. */
export interface DeploymentsClient {
  /** @param version none: the newest @returns id of the deployment */
  deploy(uuid: string, version?: number): Promise<string>;
  /** @param version none: the last one that was in place before @returns id of the deployment */
  rollback(uuid: string, version?: number): Promise<string>;
  /** The last ones of an app, the newest first. @param limit 1 to 200 */
  list(uuid: string, limit: number): Promise<readonly DeploymentReply[]>;
  /** Calls it off. */
  cancel(id: string): Promise<DeploymentReply>;
  /** Its steps from the request on, up to and with the last one (`hasEnded`). */
  follow(id: string, signal?: AbortSignal): AsyncIterable<DeploymentStep>;
}

const ENDS: ReadonlySet<DeploymentStep['phase']> = new Set(['switched', 'failed', 'cancelled', 'superseded']);

/** Is this the last step of a deployment? */
export function hasEnded({ phase }: DeploymentStep): boolean {
  return ENDS.has(phase);
}

export function deploymentsClient(address: NodeAddress): DeploymentsClient {
  const ask = async (verb: 'deploy' | 'rollback', uuid: string, version?: number) => {
    const json = version === undefined ? {} : { version };
    const request = { method: 'POST' as const, path: `/v1/apps/${uuid}/${verb}`, json };
    return (await callJson(address, request, deployReply)).deployment_id;
  };
  return {
    deploy: (uuid, version) => ask('deploy', uuid, version),
    rollback: (uuid, version) => ask('rollback', uuid, version),
    async list(uuid, limit) {
      const path = `/v1/apps/${uuid}/deployments?limit=${limit}`;
      return (await callJson(address, { path }, deploymentsReply)).deployments;
    },
    cancel: (id) => callJson(address, { method: 'DELETE', path: `/v1/deployments/${id}` }, deploymentReply),
    async *follow(id, signal) {
      const path = `/v1/deployments/${id}/stream`;
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
