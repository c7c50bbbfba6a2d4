import type { RuntimeKind } from '../../app/index.ts';
import { nodeError } from '../errors.ts';

/** A host as placement sees it. */
export interface Host {
  readonly name: string;
  /** Runtimes it can run. */
  readonly tags: readonly string[];
  /** It has announced itself lately. */
  readonly present: boolean;
  /** Apps it has now. */
  readonly apps: number;
}

/** What a version asks for, of `[[deploy]]` and `runtime.type`. */
export interface PlacementRequest {
  readonly runtime: RuntimeKind;
  readonly targets: readonly {
    readonly supervisor: string;
    readonly runtime: RuntimeKind | null;
    readonly env: Readonly<Record<string, string>>;
  }[];
}

export interface Placement {
  readonly supervisor: string;
  readonly runtime: RuntimeKind;
  /** `[deploy.env]` of the target. */
  readonly env: Readonly<Record<string, string>>;
}

/** Always means the office's own supervisor (CONTRACTS §2). */
const OWN = 'local';

/**
 * Where a version goes (CONTRACTS §7, "Placement"): to each of its targets, or to the best host when it names none.
 * Every target is checked before anything is placed.
 *
 * @param own name of the office's own supervisor; null when it is not known yet
 * @returns at least one, each on another host
 * @throws supervisor_unknown naming those known; runtime_unavailable naming supervisor, runtime and tags; target_twice
 */
export function place(request: PlacementRequest, hosts: readonly Host[], own: string | null): Placement[] {
  const placements = request.targets.map((target) => {
    const runtime = target.runtime ?? request.runtime;
    const name = target.supervisor === OWN ? (own ?? OWN) : target.supervisor;
    const host = hosts.find((each) => each.name === name);
    if (host === undefined) throw unknownSupervisor(target.supervisor, hosts);
    if (!host.tags.includes(runtime)) throw unavailable(host, runtime);
    return { supervisor: host.name, runtime, env: target.env };
  });
  const names = placements.map(({ supervisor }) => supervisor);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw namedTwice(twice);
  if (placements.length > 0) return placements;
  return [{ supervisor: best(request.runtime, hosts, own).name, runtime: request.runtime, env: {} }];
}

/** The office's own supervisor if it is able; else a present one before an absent one, then the least busy. */
function best(runtime: RuntimeKind, hosts: readonly Host[], own: string | null): Host {
  const able = hosts.filter((host) => host.tags.includes(runtime));
  const rank = (host: Host) => [host.present ? 0 : 1, host.name === own ? 0 : 1, host.apps] as const;
  const [first] = [...able].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    return left[0] - right[0] || left[1] - right[1] || left[2] - right[2] || (a.name < b.name ? -1 : 1);
  });
  if (first !== undefined) return first;
  const asked = hosts.find((host) => host.name === own) ?? hosts[0];
  throw asked === undefined ? unknownSupervisor(OWN, hosts) : unavailable(asked, runtime);
}

/** A target is a host (ADR 18). */
function namedTwice(name: string) {
  return nodeError('target_twice', {
    what: `The supervisor '${name}' is named by two targets`,
    why: `an app runs once on a host${name === OWN ? '' : `, and '${OWN}' is the office's own`}`,
    hint: 'Leave one of them out, under `[[deploy]]` or with `--on`',
  });
}

function unknownSupervisor(name: string, hosts: readonly Host[]) {
  const known = hosts.map((host) => `'${host.name}'`).join(', ');
  return nodeError('supervisor_unknown', {
    what: `There is no supervisor '${name}'`,
    why: known === '' ? 'none has joined this office yet' : `this office knows ${known}`,
    hint:
      known === '' ? 'Start one with `tabbify up`' : 'Name one of them, under `[[deploy]]` or with `--on`',
  });
}

function unavailable(host: Host, runtime: RuntimeKind) {
  const tags = host.tags.map((tag) => `'${tag}'`).join(', ') || 'none';
  return nodeError('runtime_unavailable', {
    what: `The supervisor '${host.name}' cannot run '${runtime}'`,
    why: `its runtimes are ${tags}`,
    hint: `Set \`runtime.type\` in tabbify.toml to one of ${tags}, or name another supervisor under \`[[deploy]]\` or with \`--on\``,
  });
}
