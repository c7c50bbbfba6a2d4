import { readFileSync } from 'node:fs';
import { messageOf, runChild } from '../../kit/index.ts';
import type { BoxBounds } from '../box.ts';
import type { GroupDriver } from './driver.ts';
import { removeGroup } from './folder.ts';
import { whyNoGroups } from './lack.ts';
import { type Hierarchy, hierarchiesOf } from './mounts.ts';
import { noGroups } from './none.ts';
import { settleIn } from './settle.ts';
import { version1 } from './version-1.ts';
import { version2 } from './version-2.ts';

let chosen: { readonly where: string; readonly driver: GroupDriver } | null = null;
let needsTrial = true;

/** Somebody else has tried them: this process takes what the machine has, and a box that cannot have its groups does not start. */
export function trustGroups(): void {
  needsTrial = false;
}

/** The control groups that this process may use for its boxes; one has been made and bounded, to see that it can be done. */
export function chooseGroups(): GroupDriver {
  const { where, hierarchies } = here();
  if (chosen?.where !== where) {
    const isRoot = process.getuid?.() === 0;
    const first = version1(hierarchies);
    const found = first.holds.size > 0 ? first : version2(hierarchies, isRoot);
    chosen = {
      where,
      driver: found === null ? noGroups(whyNoGroups(hierarchies, isRoot)) : needsTrial ? tried(found) : found,
    };
  }
  return chosen.driver;
}

/**
 * Readies the group that this process is in for the groups of its boxes, where that is this office's own. For the process of an office
 * when it starts, before it starts others: they stay where they were started. Can be repeated; what cannot be done is left out.
 */
export async function settleGroups(): Promise<void> {
  if (process.platform !== 'linux') return;
  const { hierarchies } = here();
  if (version1(hierarchies).holds.size > 0) return;
  const unified = hierarchies.find(({ version }) => version === 2);
  if (unified === undefined) return;
  await settleIn(unified, process.getuid?.() === 0, systemdVersion);
  chosen = null;
}

function here(): { readonly where: string; readonly hierarchies: readonly Hierarchy[] } {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  const groups = readFileSync('/proc/self/cgroup', 'utf8');
  return { where: `${mounts}\n${groups}`, hierarchies: hierarchiesOf(mounts, groups) };
}

/** Of the systemd that runs this machine; null: it does not say. */
async function systemdVersion(): Promise<number | null> {
  try {
    const env = { PATH: process.env.PATH ?? '' };
    const { stdout } = await runChild('systemctl', ['--version'], { env, timeoutMs: 5_000 });
    return Number(/^systemd (\d+)/.exec(stdout)?.[1] ?? Number.NaN) || null;
  } catch {
    return null;
  }
}

const TRIAL: BoxBounds = { memoryBytes: 64 << 20, cpus: 0.1, tasks: 8, tmpBytes: 0, openFiles: 0 };

function tried(driver: GroupDriver): GroupDriver {
  const groups = driver.of(`tabbify-trial-${process.pid}/0`);
  try {
    groups.create(TRIAL);
    return driver;
  } catch (error) {
    return noGroups({
      why: `control groups do not work here: ${messageOf(error).slice(0, 500)}`,
      hint: 'docs/sandbox.md says what they are needed for.',
    });
  } finally {
    groups.paths.forEach(removeGroup);
  }
}
