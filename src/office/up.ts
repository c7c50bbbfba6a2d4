import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { isoNow, startTimeOf, systemClock, TabbifyError } from '../kit/index.ts';
import type { OfficeConfig } from './config.ts';
import { officeError } from './errors.ts';
import { homePaths } from './home.ts';
import { type RunningNode, type RunningPart, runGateway, runNode, runSupervisor } from './parts.ts';
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

/** How long an office that is closing is waited for (milliseconds): longer than what was asked of it takes at most. */
const CLOSING_MS = 30_000;
/** One without a record has not written it yet; a node that runs alone has none. */
const UNKNOWN_MS = 2_000;
const LOOK_MS = 20;

/**
 * Opens the office of one machine. One that is just closing is waited for.
 *
 * @throws TabbifyError `office_running` (another office has this home), `bind_failed`, `home_unusable`
 */
export async function up(config: OfficeConfig): Promise<Office> {
  const paths = homePaths(config.home);
  const parts: RunningPart[] = [];
  let node: RunningNode | null = null;
  const ending = new AbortController();
  let preparing: Promise<void> = Promise.resolve();
  let record: OfficeRecord | null = null;
  const close = async () => {
    ending.abort();
    // for whoever wants to open it next; on a full disk they are told that it is open instead
    if (record !== null) await writeOfficeRecord(paths.record, { ...record, closing: true }).catch(() => {});
    // visitors first: who is answered last may need an app to be started
    await Promise.all([preparing, node?.drain()]);
    for (const part of parts.splice(0).reverse()) await part.close();
    if (record !== null) await removeOfficeRecord(paths.record); // until then the next one knows that it need only wait
  };
  try {
    let gatewayUrl: string | null = null;
    node = await opened(() => runNode(config, () => gatewayUrl), paths.record);
    parts.push(node);
    const gateway = await runGateway(config, node.url);
    gatewayUrl = gateway.url;
    parts.push(gateway);
    const ownerKey = (await readFile(paths.ownerKey, 'utf8')).trim();
    const supervisor = await runSupervisor(config, node.url, ownerKey, () => gatewayUrl);
    parts.push(supervisor);
    record = {
      pid: process.pid,
      start_time: startTimeOf(process.pid),
      node_url: node.url,
      gateway_url: gateway.url,
      supervisor_url: supervisor.url,
      version: TABBIFY_VERSION,
      started_at: isoNow(systemClock),
      closing: false,
      passed_listener: config.node.passedFd !== null,
    };
    await writeOfficeRecord(paths.record, record);
    preparing = prepareBuilds(config, ending.signal);
    return { record, home: config.home, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A log that is in use means: this home's office is open already. Says where, and what to do with it. */
async function opened(open: () => Promise<RunningNode>, recordFile: string): Promise<RunningNode> {
  const beganAt = performance.now();
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof TabbifyError) || error.code !== 'log_in_use') throw error;
      const record = await readOfficeRecord(recordFile);
      const patienceMs = record === null ? UNKNOWN_MS : record.closing ? CLOSING_MS : 0;
      if (performance.now() - beganAt < patienceMs) {
        await wait(LOOK_MS);
        continue;
      }
      throw officeError('office_running', {
        what:
          record === null ? 'The office is already open' : `The office is already open at ${record.node_url}`,
        ...(error.why === undefined ? {} : { why: error.why }),
        hint: 'Use it: `tabbify status`. Or take its place with `tabbify up --replace`, close it with `tabbify down`, or open another in a home of its own with --home.',
        cause: error,
      });
    }
  }
}
