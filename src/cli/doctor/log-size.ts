import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sizesOf } from '../client/log.ts';
import { sizeText } from '../terminal/table.ts';
import { type Check, type Finding, fine, problemFound } from './check.ts';

/** So many reserves must be left on the disk, or what comes from outside will soon be refused. */
const NEAR = 2;
/** From this share of the bound on bodies go before their time. */
const FULL = 0.9;

export const logSize: Check = {
  name: 'Log',
  async look(context) {
    const client = await context.client();
    if (!(await client.healthy(AbortSignal.timeout(5000)))) return closedLog(context.home);
    const log = await client.log.show();
    const sizes = sizesOf(log);
    if (sizes === null) return fine('Log', `position ${log.head}`);
    const { traffic, file_bytes, blobs_bytes, disk_free_bytes, reserve_bytes } = sizes;
    const room = fine('Log', `${sizeText(file_bytes + blobs_bytes)} at position ${log.head}`);
    const findings: Finding[] = [room];
    if (disk_free_bytes !== null && disk_free_bytes < reserve_bytes * NEAR) {
      const refused =
        disk_free_bytes < reserve_bytes
          ? 'nothing from outside is taken now'
          : 'soon nothing from outside is taken';
      findings.push(
        problemFound(
          'Log reserve',
          `${sizeText(disk_free_bytes)} of the disk are free, ${sizeText(reserve_bytes)} are kept for the office itself: ${refused}`,
          `Make room on the disk of ${context.home}, or keep less (TABBIFY_TRAFFIC_MB, TABBIFY_TRAFFIC_DAYS).`,
        ),
      );
    }
    if (traffic.bytes > traffic.max_bytes * FULL) {
      findings.push({
        ...fine(
          'Log traffic',
          `bodies from outside take ${sizeText(traffic.bytes)} of ${sizeText(traffic.max_bytes)}; the oldest go before their ${traffic.days} days`,
        ),
        hint: 'Let them take more with TABBIFY_TRAFFIC_MB if you need them for longer',
      });
    }
    return findings;
  },
};

/** Of an office that is closed only the file can be looked at; whether it is whole takes longer than a look. */
async function closedLog(home: string): Promise<readonly Finding[]> {
  const file = await stat(join(home, 'log.db')).catch(() => null);
  if (file === null) return []; // no office yet
  return [
    fine('Log', `${sizeText(file.size)}, closed; \`tabbify doctor --verify\` reads whether it is whole`),
  ];
}
