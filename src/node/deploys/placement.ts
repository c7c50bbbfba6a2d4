import type { RuntimeKind } from '../../app/index.ts';
import type { TabbifyError } from '../../kit/index.ts';
import type { RunSettings, TargetResult, Wall } from '../../state/index.ts';
import { nodeError } from '../errors.ts';
import { requireBuildable } from './artifact-kinds.ts';

/** A host as placement sees it. */
export interface Host {
  readonly name: string;
  /** Runtimes it can run. */
  readonly tags: readonly string[];
  /** Runtimes it would run if it could, and why it cannot; empty while it has not said. */
  readonly refused: readonly RefusedRuntime[];
  /** What it holds the apps of each runtime to; empty while it has not said. */
  readonly walls: ReadonlyMap<string, Wall>;
  /** It has announced itself lately. */
  readonly present: boolean;
  /** Apps it has now. */
  readonly apps: number;
}

export interface RefusedRuntime {
  readonly kind: string;
  readonly why: string;
  /** What helps there. */
  readonly hint: string;
}

/** What a version asks for, of `[[deploy]]` and `[runtime]`. */
export interface PlacementRequest {
  readonly settings: Pick<RunSettings, 'type' | 'main' | 'data_mb'>;
  /** The manifest names `runtime.type`; else another runtime may stand in for it. */
  readonly declared: boolean;
  readonly targets: readonly {
    readonly supervisor: string;
    readonly runtime: RuntimeKind | null;
    readonly env: Readonly<Record<string, string>>;
  }[];
  /** Where what the app has stored is; null: nowhere yet. */
  readonly data: {
    /** Slug of the app. */
    readonly app: string;
    readonly on: string;
    /** Somebody has said that it may stay behind. */
    readonly mayBeLeft: boolean;
  } | null;
}

export interface Placement extends Pick<TargetResult, 'supervisor' | 'runtime' | 'wall' | 'standsInFor'> {
  /** `[deploy.env]` of the target. */
  readonly env: Readonly<Record<string, string>>;
}

/** Always means the office's own supervisor (CONTRACTS §2). */
const OWN = 'local';

/** What the apps of a runtime run as on hosts that cannot run it, if nobody asked for that very runtime (ADR 29). */
const STAND_INS: { readonly [Kind in RuntimeKind]?: RuntimeKind } = { worker: 'wasm-http' };

/** Characters of a host's reason that are kept: the decision is one event (64 KiB), which may name 64 hosts. */
const MAX_WHY = 240;

/**
 * Where a version goes (CONTRACTS §7, "Placement"): to each of its targets, or to the best host when it names none.
 * Every target is checked before anything is placed. One that keeps data goes where the app's data is, also while that
 * host is away: nowhere else it would find what it has stored (ADR 45).
 *
 * @param own name of the office's own supervisor; null when it is not known yet
 * @returns at least one, each on another host
 * @throws supervisor_unknown naming those known; runtime_unavailable naming supervisor, runtime and tags; target_twice; data_on_one_host; data_elsewhere
 */
export function place(request: PlacementRequest, hosts: readonly Host[], own: string | null): Placement[] {
  const placements = request.targets.map((target) => {
    const name = target.supervisor === OWN ? (own ?? OWN) : target.supervisor;
    const host = hosts.find((each) => each.name === name);
    if (host === undefined) throw unknownSupervisor(target.supervisor, hosts);
    const runtime = target.runtime ?? request.settings.type;
    const declared = request.declared || target.runtime !== null;
    return placedOn(host, { ...request.settings, type: runtime }, declared, target.env);
  });
  const names = placements.map(({ supervisor }) => supervisor);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw namedTwice(twice);
  const { settings, declared, data } = request;
  const keepsData = settings.data_mb !== undefined;
  if (keepsData && names.length > 1) throw dataOnOneHost(names);
  const tied = keepsData && data !== null && !(data.mayBeLeft && names.length > 0) ? data : null;
  const [first] = names;
  if (tied !== null && (tied.mayBeLeft || (first !== undefined && first !== tied.on))) {
    throw dataElsewhere(tied, first);
  }
  if (placements.length > 0) return placements;
  const host = tied === null ? best(request, hosts, own) : hosts.find(({ name }) => name === tied.on);
  if (host === undefined) throw unknownSupervisor(tied?.on ?? OWN, hosts);
  return [placedOn(host, settings, declared, {})];
}

/** @param declared it must be this very runtime @throws runtime_unavailable */
function placedOn(
  host: Host,
  settings: PlacementRequest['settings'],
  declared: boolean,
  env: Readonly<Record<string, string>>,
): Placement {
  const runtime = runtimeOn(host, settings.type, declared);
  if (runtime === null) throw unavailable(host, settings.type);
  requireBuildable({ ...settings, type: runtime });
  return {
    supervisor: host.name,
    runtime,
    env,
    wall: host.walls.get(runtime) ?? null,
    standsInFor:
      runtime === settings.type ? null : { runtime: settings.type, why: whyNot(host, settings.type) },
  };
}

/** As what an app runs on a host; null: it cannot. */
function runtimeOn({ tags }: Host, runtime: RuntimeKind, declared: boolean): RuntimeKind | null {
  if (tags.includes(runtime)) return runtime;
  const standIn = declared ? undefined : STAND_INS[runtime];
  return standIn !== undefined && tags.includes(standIn) ? standIn : null;
}

function whyNot(host: Host, runtime: RuntimeKind): string {
  const why = refusalOf(host, runtime)?.why ?? `the host does not offer ${runtime}, and has not said why`;
  return why.length <= MAX_WHY ? why : `${why.slice(0, MAX_WHY - 1)}…`;
}

function refusalOf({ refused }: Host, runtime: RuntimeKind): RefusedRuntime | undefined {
  return refused.find(({ kind }) => kind === runtime);
}

/**
 * Of the hosts that are able: a present one before an absent one, one that needs no stand-in before one that does, then
 * the office's own, then the least busy.
 */
function best({ settings, declared }: PlacementRequest, hosts: readonly Host[], own: string | null): Host {
  const { type } = settings;
  const rank = (host: Host) =>
    [host.present ? 0 : 1, host.tags.includes(type) ? 0 : 1, host.name === own ? 0 : 1, host.apps] as const;
  const [first] = hosts
    .filter((host) => runtimeOn(host, type, declared) !== null)
    .sort((a, b) => {
      const [left, right] = [rank(a), rank(b)];
      const difference = left.map((value, index) => value - (right[index] ?? 0)).find((each) => each !== 0);
      return difference ?? (a.name < b.name ? -1 : 1);
    });
  if (first !== undefined) return first;
  const asked = hosts.find((host) => host.name === own) ?? hosts[0];
  throw asked === undefined ? unknownSupervisor(OWN, hosts) : unavailable(asked, type);
}

/** @param to the host that it was to go to; undefined: none was named */
function dataElsewhere(
  { app, on }: NonNullable<PlacementRequest['data']>,
  to: string | undefined,
): TabbifyError {
  const left = (host: string) => `\`tabbify deploy ${app} --on ${host} --leave-data\``;
  if (to === undefined) {
    return nodeError('data_elsewhere', {
      what: `Nothing says where '${app}' is to go without its data`,
      why: `what it has stored is on '${on}'`,
      hint: `Name the host: ${left('<host>')}`,
    });
  }
  return nodeError('data_elsewhere', {
    what: `'${app}' cannot go to '${to}': what it has stored is on '${on}', and does not move`,
    hint: `Deploy it where its data is: \`tabbify deploy ${app} --on ${on}\`, or name '${on}' under \`[[deploy]]\`. To begin on '${to}' without it: ${left(to)}; it stays on '${on}'`,
  });
}

/** Data lies on one host; a second instance elsewhere would have another (CONTRACTS §9). */
function dataOnOneHost(names: readonly string[]) {
  return nodeError('data_on_one_host', {
    what: 'An app that keeps data runs on one host',
    why: `it names ${names.map((name) => `'${name}'`).join(', ')}`,
    hint: 'Leave one [[deploy]] in tabbify.toml, or take `stateful = true` out of [runtime]',
  });
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

/** The host's own reason, where it has said one, and what helps there stand first: that is what was asked for. */
function unavailable(host: Host, runtime: RuntimeKind) {
  const tags = host.tags.map((tag) => `'${tag}'`).join(', ') || 'none';
  const refusal = refusalOf(host, runtime);
  const otherwise = `et \`runtime.type\` in tabbify.toml to one of ${tags}, or name another supervisor under \`[[deploy]]\` or with \`--on\``;
  const helps = refusal?.hint ? `${refusal.hint.replace(/\.$/, '')}; or s` : 'S';
  return nodeError('runtime_unavailable', {
    what: `The supervisor '${host.name}' cannot run '${runtime}'`,
    why: `its runtimes are ${tags}${refusal === undefined ? '' : `; '${runtime}' is none of them: ${refusal.why}`}`,
    hint: `${helps}${otherwise}`,
  });
}
