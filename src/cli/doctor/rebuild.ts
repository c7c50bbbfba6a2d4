import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lockOrRefuse } from '../../log/index.ts';
import type { ProjectionsReply } from '../client/events.ts';
import type { Context } from '../context.ts';
import { cliError } from '../errors.ts';
import { EXIT_DONE } from '../terminal/print-error.ts';
import { startProgress } from '../terminal/progress.ts';

/** What lies in a home beside the log and is made from it alone. */
const PROJECTIONS = /^projections\.db(-wal|-shm|-journal)?$/;
const SNAPSHOTS = 'snapshots';

/** Milliseconds between two looks at how far the office is. */
const LOOK_EVERY_MS = 200;

/**
 * `tabbify doctor --rebuild`: has everything that is made from the log made anew. An open office does it itself, while it
 * goes on; of a closed one the files are removed, and its next start makes them.
 *
 * @throws TabbifyError `log_in_use` when somebody else has the log of this home open
 */
export async function rebuild(context: Context): Promise<number> {
  const client = await context.client();
  return (await client.healthy(AbortSignal.timeout(5_000))) ? rebuildOpen(context) : rebuildClosed(context);
}

async function rebuildOpen(context: Context): Promise<number> {
  const { events } = await context.client();
  const progress = startProgress(context.io, 'Building anew from the log', context.json);
  try {
    let now = await events.rebuildProjections();
    const { head, names } = now;
    while (now.state !== 'following' || now.position < head) {
      if (now.state === 'unavailable') throw unavailable(now);
      progress.step(`Building anew from the log: ${now.position} of ${head} events`);
      await delay(LOOK_EVERY_MS, undefined, context.io.signal && { signal: context.io.signal });
      now = await events.projections();
    }
    progress.done(`Built anew from ${head} events: ${names.join(', ')}`);
    if (context.json) context.printJson({ rebuilt: names, by: 'office', position: now.position });
    return EXIT_DONE;
  } catch (error) {
    progress.fail('Not built');
    throw error;
  }
}

/** Removes what is made from the log. @returns names of what was there */
export async function removeDerived(home: string): Promise<string[]> {
  const names = await readdir(home);
  const derived = names.filter((each) => PROJECTIONS.test(each) || each === SNAPSHOTS).sort();
  for (const name of derived) await rm(join(home, name), { recursive: true, force: true });
  return derived;
}

async function rebuildClosed(context: Context): Promise<number> {
  const { home, json } = context;
  const log = join(home, 'log.db');
  if ((await stat(log).catch(() => null)) === null) {
    throw cliError('office_not_running', {
      what: 'There is nothing to build anew',
      why: `${home} holds no log`,
      hint: 'Name the office’s home with --home or TABBIFY_HOME.',
    });
  }
  const unlock = lockOrRefuse(log);
  const removed = await removeDerived(home).finally(unlock);
  if (json) context.printJson({ removed, by: 'next start', home });
  else if (removed.length === 0)
    context.print('There was nothing to remove: the next start builds from the log.');
  else
    context.print(`Removed ${removed.join(', ')} of ${home}. The next start makes them anew from the log.`);
  return EXIT_DONE;
}

function unavailable({ why }: ProjectionsReply) {
  return cliError('office_answer', {
    what: 'The office cannot build its search anew now',
    why: why ?? 'it does not say why',
    hint: 'Mend that; the office goes on by itself as soon as it can. `tabbify doctor` looks at the disk.',
  });
}
