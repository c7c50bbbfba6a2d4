import { expectKept } from '../drill.ts';
import type { Site } from '../kill/site.ts';
import { uuidOf } from '../kill/writer.ts';
import type { Random } from '../random.ts';
import { type DrillApp, deployApp } from './apps.ts';

/** What is done to an app that is not left alone. */
export type Move = 'start' | 'stop' | 'restart' | 'reset' | 'purge' | 'deploy' | 'visit';

/** What must become of it. `either`: it depends on what came first. */
export type Outlook = 'runs' | 'rests' | 'either';

/** An app that is not left alone, and what must be of it when all is quiet. */
export interface MovedApp extends DrillApp {
  outlook: Outlook;
  pinned: boolean;
}

const RANDOM_MOVES: readonly Move[] = ['start', 'stop', 'restart', 'reset', 'deploy', 'visit'];

export function drawMoves(random: Random): readonly Move[] {
  return Array.from({ length: random.int(1, 3) }, () => random.pick(RANDOM_MOVES));
}

/** Asks for one thing after the other; what the office does not live to answer is asked again. */
export async function carryOut(
  site: Site,
  app: MovedApp,
  moves: readonly Move[],
  random: Random,
): Promise<void> {
  for (const move of moves) {
    if (move === 'deploy') await deployApp(site, app, random.int(1, 2), random);
    else if (move === 'visit') await site.call(`/app/${app.id}/`);
    else {
      const headers = { 'idempotency-key': uuidOf(random) };
      const answer = await site.call(`/v1/apps/${app.id}/${move}`, { method: 'POST', headers });
      expectKept(answer.status < 300, () => `${move} of ${app.name}: ${answer.status} ${answer.text}`);
    }
    foresee(app, move);
  }
}

/** @param happened `crash`: its runner was killed */
export function foresee(app: MovedApp, happened: Move | 'crash'): void {
  const runsUnasked = app.lifecycle === 'always_on' || app.pinned;
  switch (happened) {
    case 'start':
      app.pinned = true;
      app.outlook = 'runs';
      return;
    case 'restart':
      app.outlook = 'runs';
      return;
    case 'stop':
    case 'purge':
      app.pinned = false;
      app.outlook = 'rests';
      return;
    case 'deploy':
      app.outlook = runsUnasked ? 'runs' : 'either';
      return;
    case 'visit': // while it is being stopped, by whoever has just come back, it may be woken or not
      if (app.outlook === 'rests') app.outlook = 'either';
      return;
    case 'crash':
      if (!runsUnasked && app.outlook === 'runs') app.outlook = 'either';
      return;
    case 'reset':
      return;
  }
}
