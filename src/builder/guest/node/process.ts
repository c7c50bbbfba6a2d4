const NS_PER_MS = 1_000_000;

const { console: log } = globalThis;
const scope = globalThis as unknown as { process?: { env: Record<string, string> } };
/** The object that `../process.ts` fills in; what stands for globals is evaluated before all else of a bundle. */
scope.process ??= { env: {} };

function hrtime(since: readonly [number, number] = [0, 0]): [number, number] {
  const now = hrtime.bigint();
  const ns = now - (BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]));
  return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
}
hrtime.bigint = (): bigint => BigInt(Math.round(performance.now() * NS_PER_MS));

const members = {
  env: scope.process.env,
  argv: ['node', '/app/app.mjs'],
  execArgv: [],
  platform: 'linux',
  /** Empty: by `process.versions.node` packages know Node, and this is none. */
  version: '',
  versions: {},
  cwd: (): string => '/app',
  nextTick: <Args extends unknown[]>(run: (...args: Args) => void, ...args: Args): void =>
    queueMicrotask(() => run(...args)),
  emitWarning: (warning: unknown): void => log.warn(warning),
  hrtime,
  uptime: (): number => performance.now() / 1000,
};

/** What a component can have of it, in the object that packages find as `globalThis.process`. */
export const process = /* @__PURE__ */ Object.assign(scope.process, members) as typeof members;

export const { argv, cwd, emitWarning, env, execArgv, nextTick, platform, uptime, version, versions } =
  members;
export { hrtime };
