import { readFileSync, statSync } from 'node:fs';
import { runChild } from '../../kit/index.ts';
import type { MachineFacts } from './why-not.ts';

const SETUID = 0o4000;

/** @param bwrap path of the program */
export async function machineFacts(bwrap: string): Promise<MachineFacts> {
  return {
    isRoot: process.getuid?.() === 0,
    bwrapVersion: await versionOf(bwrap),
    bwrapIsSetuid: ((statSync(bwrap, { throwIfNoEntry: false })?.mode ?? 0) & SETUID) !== 0,
    usernsClone: setting('/proc/sys/kernel/unprivileged_userns_clone'),
    maxUserns: setting('/proc/sys/user/max_user_namespaces'),
    appArmorRestricts: setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
  };
}

async function versionOf(bwrap: string): Promise<string | null> {
  try {
    const { code, stdout } = await runChild(bwrap, ['--version'], { env: {}, timeoutMs: 10_000 });
    return code === 0 ? stdout.trim() : null;
  } catch {
    return null;
  }
}

function setting(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null; // this kernel does not have it
  }
}
