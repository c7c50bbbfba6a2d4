import { readFile, writeFile } from 'node:fs/promises';
import { draft, range, readAll } from '../conformance/harness.ts';
import type { StoredEvent } from '../envelope.ts';
import { openSqliteLog } from '../sqlite/open.ts';

/**
 * Makes a log of every kind of content: several offices and subjects, traffic, erased traffic, large bodies, a blob.
 *
 * @param count events, at least 40
 * @returns every event as it reads
 */
export async function fillLog(file: string, count: number): Promise<StoredEvent[]> {
  const log = await openSqliteLog({ file });
  const blob = await log.putBlob('default', Buffer.from('a blob of the tests'), 'text/plain');
  for (let from = 1; from <= count; from += 16) {
    await Promise.all(
      range(from, Math.min(count, from + 15)).map((n) =>
        log.append(
          draft({
            segment: ['tenant_default.apps', 'tenant_default.webhook', 'platform.hosts.one'][n % 3] ?? '',
            type: ['app_made', 'said', 'host_seen'][n % 3] ?? '',
            subject: `unit/${n % 11}`,
            actor: n % 4 === 0 ? 'user:owner' : 'system',
            data: { n, text: 'é'.repeat(n % 20 === 0 ? 4000 : n % 50) },
            ...(n % 3 === 1 && { class: 'traffic' }),
            ...(n % 13 === 0 && { dataref: blob.digest }),
          }),
        ),
      ),
    );
  }
  await log.erase({ subject: 'unit/1' });
  const events = await readAll(log);
  await log.close();
  return events;
}

/** Changes one bit of a file. */
export async function flipBit(file: string, offset: number, bit: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[offset] = (bytes[offset] ?? 0) ^ (1 << bit);
  await writeFile(file, bytes);
}
