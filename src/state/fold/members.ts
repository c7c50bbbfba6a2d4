import type { OfficeState, SessionState } from '../office-state.ts';
import type { Changes } from './changes.ts';

export const memberChanges: Changes<
  | 'office_created'
  | 'credential_issued'
  | 'credential_revoked'
  | 'session_started'
  | 'session_used'
  | 'session_ended'
  | 'supervisor_joined'
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
    const before = state.credentials.get(state.tokenHashes.get(id) ?? '');
    const isRenewed = before !== undefined && before.expiresAt !== null && before.expiresAt <= event.time;
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
      trustedSince: isRenewed ? before.trustedSince : event.position,
      issuedBy: event.actor,
      expiresAt: data.expires_at,
    });
  },
  credential_revoked(state, data) {
    const hash = endToken(state, data.credential_id);
    if (hash !== null) state.revokedHashes.add(hash);
  },
  /** Of a credential that is there. */
  session_started(state, data, event) {
    const { session_id: id, credential_id: credentialId } = data;
    if (!state.tokenHashes.has(credentialId) || state.sessions.has(id)) return;
    endSessions(state, (each) => each.credentialId === credentialId && each.expiresAt <= event.time);
    state.sessions.set(id, {
      id,
      credentialId,
      secretHash: data.secret_sha256,
      by: data.by,
      browser: data.browser,
      startedAt: event.time,
      expiresAt: data.expires_at,
      usedAt: event.time,
    });
  },
  session_used(state, data, event) {
    const session = state.sessions.get(data.session_id);
    if (session !== undefined && event.time > session.usedAt) session.usedAt = event.time;
  },
  session_ended(state, data) {
    state.sessions.delete(data.session_id);
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
  endSessions(state, ({ credentialId }) => credentialId === id);
  return hash;
}

function endSessions(state: OfficeState, which: (session: SessionState) => boolean): void {
  for (const session of state.sessions.values()) if (which(session)) state.sessions.delete(session.id);
}
