import type { ProfileName } from '../box.ts';
import { CALL_ARCHITECTURES } from './architecture.ts';
import { assemble } from './assemble.ts';
import { CALL_PROFILES } from './profiles.ts';

/**
 * The system calls that a box lets through, as a classic BPF program in the form that bubblewrap's `--seccomp FD` takes. It holds
 * for all that runs in the box, whatever it starts.
 *
 * @throws Error for an architecture without a table of system calls; see `hasSeccompFilter`
 */
export function seccompFilter(profile: ProfileName, arch: NodeJS.Architecture): Uint8Array {
  const architecture = CALL_ARCHITECTURES[arch];
  if (architecture === undefined) throw new Error(`no system calls are known of ${arch}`);
  return assemble(CALL_PROFILES[profile], architecture);
}

/** Is there a filter for this architecture? Without one there is no box. */
export function hasSeccompFilter(arch: NodeJS.Architecture): boolean {
  return CALL_ARCHITECTURES[arch] !== undefined;
}
