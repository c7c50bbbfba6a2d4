import type { EventDraft, SealedLog } from '../../src/log/index.ts';
import { domainEvent } from '../../src/state/index.ts';

/** Between a node and its log: a person takes a capability back right behind the next event of a type. */
export function revokesBehind() {
  let armed: { readonly type: string; readonly app: string; readonly capability: string } | null = null;
  return {
    /** @param type of the event behind which it is taken back, before the node does anything further */
    arm(type: string, app: string, capability: string): void {
      armed = { type, app, capability };
    },
    between: (log: SealedLog): SealedLog => ({
      ...log,
      async append(draft, options) {
        const result = await log.append(draft, options);
        if (armed === null || draft.type !== armed.type) return result;
        const { app, capability } = armed;
        armed = null;
        const context = { actor: 'user:owner', source: '/node', office: 'default' };
        const { position } = await log.append(domainEvent('grant_revoked', { app, capability }, context));
        return { ...result, position }; // the node goes on when its state holds both
      },
    }),
  };
}

/** Between a node and its log: what is published is said as before there were approvals. */
export function saysAsBefore(log: SealedLog): SealedLog {
  const earlier = (draft: EventDraft): EventDraft => {
    if (draft.type !== 'version_published') return draft;
    const { requests: _, secrets: __, doubts: ___, inherited: ____, ...data } = draft.data;
    return { ...draft, dataschema: 'tabbify:version_published/4', data: { ...data, denied: [] } };
  };
  return { ...log, append: (draft, options) => log.append(earlier(draft), options) };
}
