import { FUEL_EXPORT } from './artifact.ts';
import type { Beginning } from './beginning.ts';
import { Guest } from './guest.ts';
import type { LoadedArtifact } from './load-artifact.ts';
import { loadBundle } from './load-bundle.ts';
import type { IncomingRequest } from './wasi/http/incoming-request.ts';
import type { ResponseOutparam } from './wasi/http/response-outparam.ts';
import { createImports, type ImportHost } from './wasi/imports.ts';
import { notWhileLoading } from './wasi/not-while-loading.ts';
import {
  type WasmCounter,
  type WasmImports,
  type WasmInstance,
  type WasmMemory,
  type WasmModule,
  webAssembly,
} from './webassembly.ts';

type Handle = (request: IncomingRequest, out: ResponseOutparam) => Promise<void>;

/** Fuel for what runs before the first request, at least. */
const START_FUEL = 1_000_000_000;
/** Fuel for an engine to load an app: some three seconds. A megabyte of source takes a thirtieth of it. */
const LOAD_FUEL = 20_000_000_000;

/** One instance of the component, with its own memory; serves one request at a time. */
export interface Instance {
  readonly guest: Guest;
  /** Requests begun. */
  readonly uses: number;
  /** Runs the guest's handler with a full tank. Rejects with a trap; the instance is of no use afterwards. */
  handle(request: IncomingRequest, out: ResponseOutparam): Promise<void>;
  /** Emits what the guest has written of a line, and ends what it has left open elsewhere. */
  endRequest(): void;
  /** Puts it back to how it was before its first request. @returns false where that cannot be done; it is of no use any more */
  restore(): boolean;
  /** Fuel that its requests have burnt in all core modules together, those under way included; its start is not. */
  fuelUsed(): number;
  /** Some core module ran out of fuel. */
  fuelSpent(): boolean;
  /** Linear memory at this moment. */
  memoryBytes(): number;
}

/**
 * Makes an instance. Each core module counts its own fuel: a request may burn `fuelPerRequest` in every one of them.
 * (A component has one core with its program; the others are adapters of a few instructions, so the sum is hardly more.)
 *
 * @param beginning of the app's instances where each request gets one as it was before its first; null: they are never put back
 * @throws whatever the component's start code throws
 */
export async function createInstance(
  artifact: LoadedArtifact,
  host: ImportHost,
  fuelPerRequest: number,
  beginning: Beginning | null,
): Promise<Instance> {
  const guest = new Guest(fuelPerRequest);
  const fuel: WasmCounter[] = [];
  const memories = new Set<WasmMemory>();
  const fromCores = new WeakSet<object>();
  const cores: WasmInstance[] = [];

  const refuel = (amount: bigint) => {
    for (const counter of fuel) counter.value = amount;
  };
  const instantiateCore = (core: WasmModule, imports?: WasmImports) => {
    const instance = new webAssembly.Instance(core, imports && counted(imports, guest, fromCores));
    for (const [name, value] of Object.entries(instance.exports)) {
      if (value instanceof webAssembly.Memory) memories.add(value);
      if (typeof value === 'function') fromCores.add(value);
      if (name === FUEL_EXPORT) fuel.push(value as WasmCounter);
    }
    refuel(BigInt(Math.max(artifact.bundle === null ? START_FUEL : LOAD_FUEL, fuelPerRequest)));
    cores.push(instance);
    return instance;
  };
  const root = (await artifact.instantiate(
    (name) => coreOf(artifact, name),
    artifact.bundle === null
      ? createImports(guest, host)
      : notWhileLoading(createImports(guest, host), guest),
    instantiateCore,
  )) as Readonly<Record<string, { readonly handle?: Handle } | undefined>> | undefined;
  const handle = root?.[artifact.handler]?.handle;
  if (handle === undefined) throw new Error(`the component has no export ${artifact.handler}`);

  const fuelSpent = (): boolean => fuel.some((counter) => counter.value < 0n);
  if (artifact.bundle !== null) {
    await loadBundle({ guest, handle, fuelSpent, memories }, artifact.bundle);
    host.stdout.flush();
    host.stderr.flush();
  }

  const restore = await beginning?.begin({ guest, cores, handle });

  const tank = BigInt(fuelPerRequest);
  let uses = 0;
  /** By the requests before the last one. */
  let usedBefore = 0;
  const usedByLast = (): number => {
    let used = 0;
    if (uses > 0) for (const counter of fuel) used += Number(tank - counter.value);
    return used;
  };
  return {
    guest,
    get uses() {
      return uses;
    },
    handle(request, out) {
      usedBefore += usedByLast();
      uses++;
      refuel(tank);
      return guest.run(() => handle(request, out));
    },
    endRequest() {
      host.stdout.flush();
      host.stderr.flush();
      guest.endRequest();
    },
    restore: () => restore?.() ?? false,
    fuelUsed: () => usedBefore + usedByLast(),
    fuelSpent,
    memoryBytes: () => {
      let bytes = 0;
      for (const memory of memories) bytes += memory.buffer.byteLength;
      return bytes;
    },
  };
}

function coreOf(artifact: LoadedArtifact, name: string): WasmModule {
  const core = artifact.cores.get(name);
  if (core === undefined) throw new Error(`the artifact does not list ${name}`);
  return core;
}

/**
 * Puts a count before every host function a core module imports: a loop over a cheap host call burns little fuel but much
 * time. Functions of other cores pass unchanged, they reach the host through an import of their own; suspending imports are
 * objects and are counted where they wait.
 */
function counted(imports: WasmImports, guest: Guest, fromCores: WeakSet<object>): WasmImports {
  return mapValues(imports, (members) =>
    mapValues(members, (value) =>
      typeof value === 'function' && !fromCores.has(value)
        ? countedCall(value as HostFunction, guest)
        : value,
    ),
  );
}

type HostFunction = (...args: unknown[]) => unknown;

function countedCall(target: HostFunction, guest: Guest): HostFunction {
  return (...args) => {
    guest.countCall();
    return target(...args);
  };
}

function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  change: (value: In) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
