/** What a machine says about itself that decides whether an ordinary program may build a box. */
export interface MachineFacts {
  readonly isRoot: boolean;
  /** What `bwrap --version` says; null: it does not run. */
  readonly bwrapVersion: string | null;
  /** It changes to root when it starts: then it makes no box that may not make others. */
  readonly bwrapIsSetuid: boolean;
  /** `/proc/sys/kernel/unprivileged_userns_clone`, of Debian; null: there is no such setting. */
  readonly usernsClone: string | null;
  /** `/proc/sys/user/max_user_namespaces`. */
  readonly maxUserns: string | null;
  /** `/proc/sys/kernel/apparmor_restrict_unprivileged_userns`, of Ubuntu. */
  readonly appArmorRestricts: string | null;
}

/** First version of bubblewrap that has `--disable-userns`. */
const OLDEST: readonly [major: number, minor: number] = [0, 8];

/**
 * Why no box can be built, and what would help.
 *
 * @param failure what went wrong when it was tried
 */
export function whyNot(
  failure: string,
  facts: MachineFacts,
): { readonly why: string; readonly hint: string } {
  const known = causeOf(facts);
  if (known !== null) return known;
  return {
    why: `a sandbox was tried and failed: ${failure}`,
    hint: 'Inside a container, a sandbox needs leave to make user namespaces and to mount; otherwise docs/sandbox.md says what it is made of.',
  };
}

function causeOf(facts: MachineFacts): { why: string; hint: string } | null {
  const { bwrapVersion } = facts;
  if (bwrapVersion === null || isTooOld(bwrapVersion)) {
    return {
      why: `bubblewrap is too old (${bwrapVersion ?? 'it does not say which it is'})`,
      hint: `Install version ${OLDEST.join('.')} or later.`,
    };
  }
  if (facts.maxUserns === '0') {
    return {
      why: 'user namespaces are switched off on this machine',
      hint: 'Allow them: sysctl -w user.max_user_namespaces=15000',
    };
  }
  if (facts.isRoot) return null; // what follows holds for others alone
  if (facts.usernsClone === '0') {
    return {
      why: 'only root may make user namespaces on this machine',
      hint: 'Allow them to everybody: sysctl -w kernel.unprivileged_userns_clone=1, or run the office as root.',
    };
  }
  if (facts.appArmorRestricts === '1') {
    return {
      why: 'AppArmor lets no ordinary program make user namespaces here',
      hint: 'Give bubblewrap a profile that has the permission `userns`, or run the office as root.',
    };
  }
  if (facts.bwrapIsSetuid) {
    return {
      why: 'bubblewrap is installed setuid root, and then cannot forbid further namespaces in a box',
      hint: 'Allow user namespaces and take the bit away: chmod u-s on bwrap.',
    };
  }
  return null;
}

/** @param version e.g. `bubblewrap 0.8.0` */
function isTooOld(version: string): boolean {
  const [major, minor] = (/(\d+)\.(\d+)/.exec(version)?.slice(1) ?? []).map(Number);
  if (major === undefined || minor === undefined) return true;
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}
