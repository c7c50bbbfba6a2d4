import type { Entry } from './entry.ts';
import type { Office, Who } from './office.ts';

/** The fixed sets of CONTRACTS §2, stated once more. */
const SCOPES: { readonly [Name in Who]: readonly string[] } = {
  owner: ['read', 'deploy', 'data', 'secrets:write', 'approve', 'admin'],
  developer: ['read', 'deploy', 'data'],
  approver: ['read', 'approve'],
  viewer: ['read'],
  agent: ['read', 'deploy'],
  app: ['read', 'data'],
  expired: [],
  revoked: [],
};

/** Status of the call when it is sent in the asker's own office. */
export function statusFor(entry: Entry, office: Office, who: Who): number {
  const { allowed, status } = entry;
  const except = { ...entry.except, ...entry.exceptOwn };
  if (allowed === 'everybody') return status;
  if (who === 'expired' || who === 'revoked') return 401;
  if (who === 'agent' || who === 'app') {
    const other = except[who];
    if (other !== undefined) return other;
  }
  if (allowed === 'host') return 403;
  if (allowed === 'machine') return office.slug === 'default' && who === 'owner' ? status : 403;
  return SCOPES[who].includes(allowed) ? status : 403;
}

/** Status of the same call when it is sent by somebody of another office. */
export function strangersStatus(entry: Entry, own: Office, who: Who): number {
  const status = statusFor({ ...entry, exceptOwn: {} }, own, who);
  if (status !== entry.status || entry.allowed === 'everybody') return status;
  return { hidden: 404, refused: 403, own: entry.status }[entry.stranger];
}

/** Status of the call when a supervisor sends it; @param itself the one that the call is about */
export function hostsStatus({ allowed, except, status }: Entry, itself: boolean): number {
  if (allowed === 'everybody' || (allowed === 'host' && itself)) return status;
  return except?.host ?? 403;
}
