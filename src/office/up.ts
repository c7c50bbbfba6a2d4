import { readFile } from 'node:fs/promises';
import { isoNow, systemClock, TabbifyError } from '../kit/index.ts';
import { startTimeOf } from '../supervisor/index.ts';
import type { OfficeConfig } from './config.ts';
import { officeError } from './errors.ts';
import { homePaths } from './home.ts';
import { type RunningPart, runGateway, runNode, runSupervisor } from './parts.ts';
import { prepareBuilds } from './prepare-builds.ts';
import { type OfficeRecord, readOfficeRecord, removeOfficeRecord, writeOfficeRecord } from './record.ts';
import { TABBIFY_VERSION } from './version.ts';

/** An open office: node, gateway and supervisor in this process, talking to each other over HTTP like strangers. */
export interface Office {
  readonly record: OfficeRecord;
  readonly home: string;
  /** Stops the office; runners and the apps they serve live on. */
  close(): Promise<void>;
}

/**
 * Opens the office of one machine.
 *
 * @throws TabbifyError `office_running` (another office has this home), `bind_failed`, `home_unusable`
 */
export async function up(config: OfficeConfig): Promise<Office> {
  const paths = homePaths(config.home);
  const parts: RunningPart[] = [];
  const ending = new AbortController();
  let preparing: Promise<void> = Promise.resolve();
  let recorded = false;
  const close = async () => {
    ending.abort();
    await preparing;
    for (const part of parts.splice(0).reverse()) await part.close();
    if (recorded) await removeOfficeRecord(paths.record);
  };
  try {
    const node = await runNode(config).catch((error: unknown) => explained(error, paths.record));
    parts.push(node);
    const gateway = await runGateway(config, node.url);
    parts.push(gateway);
    const ownerKey = (await readFile(paths.ownerKey, 'utf8')).trim();
    const supervisor = await runSupervisor(config, node.url, ownerKey);
    parts.push(supervisor);
    const record: OfficeRecord = {
      pid: process.pid,
      start_time: startTimeOf(process.pid),
      node_url: node.url,
      gateway_url: gateway.url,
      supervisor_url: supervisor.url,
      version: TABBIFY_VERSION,
      started_at: isoNow(systemClock),
    };
    recorded = true;
    await writeOfficeRecord(paths.record, record);
    preparing = prepareBuilds(config, ending.signal);
    return { record, home: config.home, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A log that is in use means: this home's office is open already. Says where, and what to do with it. */
async function explained(error: unknown, recordFile: string): Promise<never> {
  if (!(error instanceof TabbifyError) || error.code !== 'log_in_use') throw error;
  const record = await readOfficeRecord(recordFile);
  throw officeError('office_running', {
    what: record === null ? 'The office is already open' : `The office is already open at ${record.node_url}`,
    ...(error.why === undefined ? {} : { why: error.why }),
    hint: 'Use it: `tabbify status`. Or close it with `tabbify down`, or open another in a home of its own with --home.',
    cause: error,
  });
}
