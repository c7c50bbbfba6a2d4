import type { AppInstanceReply, AppReply } from '../client/replies.ts';
import type { Context } from '../context.ts';
import { printable } from '../terminal/style.ts';

const COLOURS = {
  running: 'green',
  serving: 'green',
  failed: 'red',
  crashed: 'red',
  starting: 'yellow',
} as const;

/** As what it runs; static files alone run as nothing. */
export function runtimeText({ runtime, state }: Pick<AppReply, 'runtime' | 'state'>): string {
  return runtime ?? (state === 'serving' ? 'static files' : '-');
}

/** A state in its colour, and how restarts go where they do not. */
export function stateText(
  { paint }: Context,
  { state, restart_status: restarts = 'running' }: Pick<AppReply, 'state' | 'restart_status'>,
  failures: number | null,
): string {
  const count = failures === null ? '' : `, ${failures}×`;
  const trouble = restarts === 'running' ? '' : ` (${restarts}${count})`;
  return paint(COLOURS[state as keyof typeof COLOURS] ?? 'reset', printable(`${state}${trouble}`));
}

/** Does it do the same on each of its hosts? */
export function isAlikeEverywhere({ instances: [first, ...others] }: AppReply): boolean {
  return first === undefined || others.every((other) => sightOf(other) === sightOf(first));
}

function sightOf({ state, version, runtime, restart_status, in_rotation }: AppInstanceReply): string {
  return JSON.stringify([state, version, runtime, restart_status, in_rotation]);
}
