import type { SealedLog } from '../../log/index.ts';
import type { DiskReserve } from './disk-reserve.ts';

/** The log as the node uses it: what comes from outside is refused while the disk is nearly full, all else goes on. */
export function guardTraffic(log: SealedLog, disk: Pick<DiskReserve, 'refusal'>): SealedLog {
  return {
    ...log,
    async append(draft, options) {
      const refusal = draft.class === 'traffic' ? disk.refusal() : null;
      if (refusal !== null) throw refusal;
      return log.append(draft, options);
    },
    async putBlob(tenant, bytes, mediatype) {
      const refusal = disk.refusal();
      if (refusal !== null) throw refusal;
      return log.putBlob(tenant, bytes, mediatype);
    },
  };
}
