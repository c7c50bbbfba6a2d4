import type { Changes } from './changes.ts';

export const memberChanges: Changes<'credential_issued' | 'supervisor_joined'> = {
  credential_issued(state, data, event) {
    const before = state.tokenHashes.get(data.credential_id);
    if (before !== undefined) state.credentials.delete(before); // issued anew: the old token ends
    state.tokenHashes.set(data.credential_id, data.token_sha256);
    state.credentials.set(data.token_sha256, {
      id: data.credential_id,
      kind: data.kind,
      name: data.name,
      office: event.tenant,
      scopes: data.scopes,
      issuedAt: event.time,
    });
  },
  supervisor_joined(state, data, event) {
    const joinedAt = state.supervisors.get(data.name)?.joinedAt ?? event.time;
    state.supervisors.set(data.name, { name: data.name, tags: data.tags, joinedAt });
  },
};
