import type { BesiegedOffice, Victim } from './besieged-office.ts';
import { sample } from './sample.ts';

/** An operation as the running node describes it. */
export interface Described {
  readonly method: string;
  readonly path: string;
  /** `POST /v1/apps/{uuid}/deploy`. */
  readonly key: string;
  /** A body that fits its schema; null: it has none. */
  readonly body: unknown;
}

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete']);

/** Every operation of the document; those last after which there is nothing left to attack. */
// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
export function describedBy(document: any): Described[] {
  const schemas = document.components?.schemas ?? {};
  const all = Object.entries(document.paths).flatMap(([path, item]) =>
    // biome-ignore lint/suspicious/noExplicitAny: the same
    Object.entries(item as Record<string, any>)
      .filter(([method]) => METHODS.has(method))
      .map(([method, { requestBody }]) => ({
        ...{ method: method.toUpperCase(), path, key: `${method.toUpperCase()} ${path}` },
        body: sample(requestBody?.content?.['application/json']?.schema, schemas),
      })),
  );
  const isLast = ({ path }: Described) => path.endsWith('/purge');
  return [...all.filter((each) => !isLast(each)), ...all.filter(isLast)];
}

/** The path about a victim. */
export function pathFor({ path }: Described, { victims: _, spare }: BesiegedOffice, victim: Victim): string {
  const value = (name: string) => {
    if (name === 'uuid') return victim.uuid;
    if (name === 'capability') return 'visibility:public';
    if (name === 'n') return '1';
    if (name === 'name') return path.startsWith('/v1/supervisors') ? 'local' : 'stripe';
    if (name !== 'id') return name === 'digest' ? `sha256:${'a'.repeat(64)}` : 'key';
    if (path.startsWith('/v1/approvals')) return victim.approval.id;
    return path.startsWith('/v1/deployments') ? victim.deployment : spare;
  };
  return path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(value(name)));
}

/** Bodies with which somebody would try it, beside the one that fits the schema. */
export function hostileBodies({ key }: Described, { uuid, version, approval }: Victim): readonly object[] {
  const seen = { difference: approval.difference, digest: approval.digest };
  const secret = [{ supervisor: 'local', env: { KEY: 'secret:stripe' } }];
  switch (key) {
    case 'POST /v1/approvals/{id}/approve':
      return [seen, { difference: seen.difference }, { ...seen, once: true }];
    case 'POST /v1/approvals/{id}/deny':
      return [{ reason: 'so that it is asked anew' }];
    case 'PUT /v1/policy':
      return [
        { policy: '[approvals]\nauto_approve = ["same-bundle"]\n' },
        { policy: '[approvals]\npersons = 0\n' },
        { policy: '[[rule]]\nmatch = "*"\ndecision = "allow"\n' },
      ];
    case 'POST /v1/apps/{uuid}/deploy':
      return [{}, { version }, { version, targets: secret }, { version: 1, targets: secret }];
    case 'POST /v1/apps/{uuid}/rollback':
      return [{ version }, { to: version }];
    case 'POST /v1/tokens':
      return [
        { name: 'accomplice', role: 'approver' },
        { name: 'accomplice', role: 'owner' },
        { kind: 'agent', name: 'accomplice', scopes: ['read', 'approve'] },
        { kind: 'person', name: 'owner', scopes: ['approve'] },
      ];
    case 'PUT /v1/supervisors/{name}':
      return [{ url: 'http://127.0.0.1:9', tags: ['wasm-http'], control_key: 'k'.repeat(32), name: 'owner' }];
    case 'POST /v1/spawns':
      return [{ app: uuid, spawn_id: '0191e7c2-0000-7000-8000-0000000000aa', version }];
    case 'POST /v1/events':
      return forged({ uuid, version, approval });
    default:
      return [];
  }
}

const SEGMENTS = [
  undefined,
  'tenant_default.notes',
  'tenant_default.apps',
  'platform.hosts.local',
  'platform',
];

/** What the platform says when a person has said yes, from somebody who is not the platform. */
function forged({ uuid, version, approval }: Pick<Victim, 'uuid' | 'version' | 'approval'>): object[] {
  const { id, difference, deployment_id: deployment, digest } = approval;
  const about = { app: uuid, deployment_id: deployment, version };
  const said = {
    approval_granted: { approval_id: id, difference, once: false, complete: true },
    policy_set: { policy: '' },
    deployment_placed: { ...about, generation: 2, targets: [] },
    deployment_succeeded: about,
    version_published: { app: uuid, version: 1, digest, visibility: 'public', requests: [] },
    app_assigned: { ...about, supervisor: 'local', generation: 2 },
    app_grant_changed: { app: uuid, supervisor: 'local' },
  };
  return Object.entries(said).flatMap(([type, data]) =>
    SEGMENTS.map((segment) => ({
      event: { type, data, ...(segment !== undefined && { segment }) },
    })),
  );
}
