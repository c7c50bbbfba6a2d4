import type { Attack } from '../attack.ts';
import type { Drama } from '../scene.ts';
import { bombs } from './bombs.ts';
import { dataDramas } from './data.ts';
import { descriptorDramas } from './descriptors.ts';
import { edgeDramas, SMUGGLED_THROUGH } from './edge.ts';
import { fileAttacks } from './files.ts';
import { filesDramas } from './files-of-components.ts';
import { loops } from './loop.ts';
import { hostAttacks } from './proc-and-devices.ts';
import { processAttacks } from './processes.ts';
import { protocolDramas } from './protocol.ts';
import { races } from './races.ts';
import { socketAttacks } from './sockets.ts';

/** Attacks that leave what they run in as it is, or at least one that a new one takes the place of: they share an app and a box. */
export const ATTACKS: Readonly<Record<string, readonly Attack[]>> = {
  files: fileAttacks,
  sockets: socketAttacks,
  processes: processAttacks,
  'proc and devices': hostAttacks,
};

/** Cases that have apps for themselves. */
export const DRAMAS: Readonly<Record<string, readonly Drama[]>> = {
  bombs,
  data: [...dataDramas, ...filesDramas],
  loop: loops,
  protocol: [...protocolDramas, ...edgeDramas].map((drama) => ({ ...drama, isPlayedOnce: true })),
  descriptors: descriptorDramas,
  races,
};

/** What is looked for when all is over. */
export const AFTERWARDS = {
  group: 'afterwards',
  name: 'is gone with all that belongs to it: records, groups',
} as const;

/** What the holes end with. */
export const MIXED_UP = { group: 'protocol', name: 'gets what was meant for another' } as const;
export const SMUGGLED = { group: 'protocol', name: SMUGGLED_THROUGH } as const;

/** The cases of some groups, each with the name of its group. */
export function casesOf<Case>(
  groups: Readonly<Record<string, readonly Case[]>>,
): (readonly [group: string, Case])[] {
  return Object.entries(groups).flatMap(([group, cases]) => cases.map((each) => [group, each] as const));
}
