import type { OfficeState } from '../office-state.ts';
import type { Changes } from './changes.ts';

export const memberChanges: Changes<
  'office_created' | 'credential_issued' | 'credential_revoked' | 'supervisor_joined'
> = {
  /** A slug that is taken stays with the office that had it first. */
  office_created(state, data, event) {
    if (state.offices.has(data.office)) return;
    state.offices.set(data.office, {
      slug: data.office,
      name: data.name,
      createdAt: event.time,
      createdBy: event.actor,
    });
  },
  /** A token belongs to one credential, and a revoked one to none. */
  credential_issued(state, data, event) {
    const { credential_id: id, token_sha256: hash } = data;
    const holder = state.credentials.get(hash);
    if (state.revokedHashes.has(hash) || (holder !== undefined && holder.id !== id)) return;
    endToken(state, id); // issued anew: the old token ends
    state.tokenHashes.set(id, hash);
    state.credentials.set(hash, {
      id,
      kind: data.kind,
      name: data.name,
      office: event.tenant,
      role: data.role,
      scopes: data.scopes,
      issuedAt: event.time,
      issuedBy: event.actor,
      expiresAt: data.expires_at,
    });
  },
  credential_revoked(state, data) {
    const hash = endToken(state, data.credential_id);
    if (hash !== null) state.revokedHashes.add(hash);
  },
  supervisor_joined(state, data, event) {
    const joinedAt = state.supervisors.get(data.name)?.joinedAt ?? event.time;
    state.supervisors.set(data.name, { name: data.name, tags: data.tags, joinedAt });
  },
};

/** @returns the hash of the token that the credential had; null for none */
function endToken(state: OfficeState, id: string): string | null {
  const hash = state.tokenHashes.get(id);
  if (hash === undefined) return null;
  state.tokenHashes.delete(id);
  state.credentials.delete(hash);
  return hash;
}
