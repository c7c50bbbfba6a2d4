/** What a credential may be used for (CONTRACTS §2). */
export type Scope = 'read' | 'deploy' | 'data' | 'secrets:write' | 'approve' | 'admin';

/** All scopes of a role; roles are fixed sets. */
export const OWNER_SCOPES: readonly Scope[] = ['read', 'deploy', 'data', 'secrets:write', 'approve', 'admin'];

/** Who is asking, as the log's credential says. */
export interface Principal {
  readonly credentialId: string;
  readonly kind: 'person' | 'supervisor';
  readonly name: string;
  /** `user:<name>` or `supervisor:<name>`: the actor of the events that follow. */
  readonly actor: string;
  readonly office: string;
  readonly scopes: ReadonlySet<string>;
}
