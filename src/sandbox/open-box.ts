import type { ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { freshName, messageOf, startTimeOf } from '../kit/index.ts';
import type { Box, BoxSpec } from './box.ts';
import { endInit, endSeen, exitOf, QUIET_MS } from './death/end-processes.ts';
import { MARKER, markedParent } from './death/processes.ts';
import { sandboxError } from './errors.ts';
import { type BoxGroups, CPU_WEIGHT } from './groups/driver.ts';
import { removeGroup } from './groups/folder.ts';
import { hurryMoves } from './groups/hurry-moves.ts';
import { boxArguments, type Sources } from './launch/arguments.ts';
import { readChildPid } from './launch/child-pid.ts';
import { launchCommand } from './launch/command.ts';
import type { Door } from './launch/door.ts';
import { nextGate } from './launch/gate.ts';
import { nodeLibraries } from './launch/libraries.ts';
import { limitOptions, resourceLimits } from './launch/resource-limits.ts';
import { type LaunchInput, launchFds, spawnLauncher } from './launch/spawn.ts';
import { stageOf } from './launch/stage.ts';
import { type Machine, thisMachine } from './machine.ts';
import { BOX_PROFILES } from './profile.ts';
import { type BoxRecord, markerOf, officeGroup, officeTag } from './records/record.ts';
import {
  addRecord,
  type RecordPlace,
  recordPlace,
  removeRecord,
  updateRecord,
} from './records/record-files.ts';
import { runningBox } from './running-box.ts';
import { seccompFilter } from './seccomp/index.ts';
import { claimRange } from './uids/claim-range.ts';
import { uidOf } from './uids/ranges.ts';

/**
 * Starts a program in a box. It runs when this resolves; whether its box is as it must be, `verify` says.
 *
 * @throws TabbifyError `box_unavailable`, `box_failed`; nothing of it is left then
 */
export function openBox(spec: BoxSpec): Promise<Box> {
  return openBoxThrough(spec, {});
}

/** As `openBox`. @param door for tests of this room */
export async function openBoxThrough(spec: BoxSpec, door: Door): Promise<Box> {
  const machine = thisMachine();
  checkSpec(spec);
  const place = recordPlace(spec.place);
  await using making = nextGate(machine.programs.mkfifo, place.boxes);
  const { record, groups } = enter(spec, machine, place);
  let child: ChildProcess | null = null;
  try {
    const launcher = prepareLaunch({ spec, machine, record, home: place.home, door });
    const gate = await making.gate;
    const launched = launcher.start(gate.fd);
    child = launched.child;
    door.spawned?.(child);
    groups.create(spec.bounds);
    if (spec.canWait) groups.weigh(CPU_WEIGHT.waiting);
    if (groups.holds.size > 0) void hurryMoves();
    launched.tell(launcher.input());
    spec.launched?.();
    // A process that lost the launcher may wait for ever, and hold that pipe open: who waits for the pipe alone waits with it.
    const pid = await Promise.race([readChildPid(launched.info), gone(child)]);
    const start_time = pid === null ? null : startTimeOf(pid);
    if (pid === null || start_time === null) throw new LauncherEnded();
    const monitor = markedParent(pid, markerOf(officeTag(place.home), record));
    const waiting: BoxRecord = { ...record, init: { pid, start_time } };
    updateRecord(place, waiting);
    if (!door.outsideGroups) await groups.enter(pid);
    door.waiting?.(pid);
    gate.open();
    return runningBox({
      ...{ spec, machine, place, record: waiting, init: pid, groups, child },
      monitor: monitor?.pid === child.pid ? null : monitor,
    });
  } catch (error) {
    await giveUp(child, record, place);
    throw sandboxError('box_failed', {
      what: 'A sandbox did not start',
      why: error instanceof LauncherEnded && child !== null ? await lastWords(child) : messageOf(error),
      cause: error,
    });
  }
}

/** Bubblewrap ended before there was anybody to let go. */
class LauncherEnded extends Error {}

function gone(child: ChildProcess): Promise<null> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', () => resolve(null));
  });
}

/** @throws TabbifyError `box_failed` for what no box can be made of */
function checkSpec(spec: BoxSpec): void {
  if (spec.writable !== undefined && spec.writable.length > 0 && !BOX_PROFILES[spec.profile].writable) {
    throw sandboxError('box_failed', {
      what: 'A sandbox did not start',
      why: `a box of the profile ${spec.profile} has nothing to write to`,
    });
  }
}

/** Takes number, uid and groups for a box that is not there yet. */
function enter(
  spec: BoxSpec,
  machine: Machine,
  place: RecordPlace,
): { record: BoxRecord; groups: BoxGroups } {
  const range = machine.isRoot ? claimRange(place) : null;
  const group = officeGroup(officeTag(place.home), spec.profile);
  const among = spec.profile === 'tool' ? CPU_WEIGHT.tools : CPU_WEIGHT.ordinary;
  const groupsOf = (slot: number) => machine.groups.of(`${group}/${slot}`, among);
  const record = addRecord(place, (slot) => ({
    slot,
    nonce: freshName(),
    label: spec.label,
    uid: range === null ? null : uidOf(range, slot),
    groups: groupsOf(slot).paths,
    owner: { pid: process.pid, start_time: startTimeOf(process.pid) },
    init: null,
  }));
  return { record, groups: groupsOf(record.slot) };
}

interface LaunchOrder {
  readonly spec: BoxSpec;
  readonly machine: Machine;
  readonly record: BoxRecord;
  readonly home: string;
  readonly door: Door;
}

/** What bubblewrap is started with, and what it is told then: that is worked out while it starts. */
function prepareLaunch({ spec, machine, record, home, door }: LaunchOrder) {
  const fds = launchFds(spec);
  const plain: Omit<Sources, 'libraries'> = { files: spec.files, writable: spec.writable ?? [] };
  const stage = record.uid === null ? null : { ...stageOf(plain), uid: record.uid };
  const command = launchCommand({
    programs: machine.programs,
    stage,
    limits: limitOptions(resourceLimits(spec.bounds, !machine.groups.holds.has('memory'))),
    argumentsFd: fds.arguments,
    argv: spec.argv,
  });
  const marker = { [MARKER]: markerOf(officeTag(home), record) };
  return {
    /** @param gate descriptor that the box waits at */
    start: (gate: number) => spawnLauncher(door.command?.(command) ?? command, marker, spec, fds, gate),
    input(): LaunchInput {
      const sources = { ...(stage?.sources ?? plain), libraries: nodeLibraries() };
      const args = boxArguments(spec, sources, fds);
      const filter = seccompFilter(spec.profile, process.arch);
      return { arguments: door.arguments?.(args) ?? args, filter };
    },
  };
}

/** Why bubblewrap ended, where it could say so. By now nothing lives that could say more. */
async function lastWords(child: ChildProcess): Promise<string> {
  const said = child.stderr === null ? '' : await text(child.stderr);
  return said.trim() || `bubblewrap ended with ${child.exitCode ?? child.signalCode ?? 'nothing said'}`;
}

/** Ends and removes what there is of a box that did not come up. */
async function giveUp(child: ChildProcess | null, record: BoxRecord, place: RecordPlace): Promise<void> {
  if (child !== null) {
    child.kill('SIGKILL');
    await exitOf(child); // until then it may start another process
    const marker = markerOf(officeTag(place.home), record);
    await endSeen((seen) => seen.marker === marker, QUIET_MS);
  }
  await endInit(record);
  for (const path of record.groups) removeGroup(path);
  removeRecord(place, record);
}
