import { durationText } from '../terminal/duration.ts';
import { printable } from '../terminal/style.ts';
import type { DeploymentView, HostView } from './deployment-view.ts';

/** `a (worker), b (docker)` */
export function hostNames(hosts: readonly HostView[]): string {
  return hosts.map(({ supervisor, runtime }) => printable(`${supervisor} (${runtime})`)).join(', ');
}

/** ` on 1 of 2 hosts`; of one host nothing, as it is the whole. */
export function onHowMany(hosts: readonly HostView[]): string {
  const serving = hosts.filter(({ state }) => state === 'serving').length;
  if (hosts.length < 2) return '';
  return serving === hosts.length ? ` on ${serving} hosts` : ` on ${serving} of ${hosts.length} hosts`;
}

/** `serving`, `failed: it answered 500`; what an app or a host wrote is made safe to print. */
export function hostText({ state, reason }: Pick<HostView, 'state' | 'reason'>): string {
  return state === 'failed' ? printable(`failed: ${firstLine(reason ?? 'no reason was given')}`) : state;
}

/** What is being built, or nothing. */
export function detailText({ detail }: DeploymentView): string {
  return detail === null ? '' : `: ${printable(firstLine(detail))}`;
}

export function awayText(forMs: number): string {
  return `The office has not answered for ${durationText(forMs)}; trying again`;
}

/** Of a reason, where there is room for one line: what stands below it is an excerpt of the source. */
export function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/:$/, '');
}
