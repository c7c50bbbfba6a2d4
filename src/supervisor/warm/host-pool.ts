import { once } from 'node:events';
import { createHolds, type Logger, messageOf } from '../../kit/index.ts';
import type { EmptyHost } from './empty-host.ts';
import { machineMemory } from './machine-memory.ts';
import { type MachineMemory, poolSize, type WarmHosts } from './pool-size.ts';

export interface HostPoolOptions {
  /** Hosts kept while memory allows; 0: none is ever started. */
  readonly most: WarmHosts;
  /** Starts one. */
  readonly prepare: () => Promise<EmptyHost>;
  readonly logger: Logger;
  /** What the machine has now. */
  readonly memory?: () => MachineMemory;
  /** Milliseconds without a start after which the pool is filled: a host that boots takes the time of an app that starts. */
  readonly quietMs?: number;
  /** How often the pool is compared with what the machine has, in milliseconds. */
  readonly checkMs?: number;
}

/** Hosts that wait for an app. Each is given away once and does not come back. */
export interface HostPool {
  /** Fills it from now on. */
  open(): void;
  /**
   * A host to keep: one that is ready, else one that boots, else null.
   *
   * @param dataBytes the bound its app needs; it must be lowered to that if it is higher
   */
  assign(dataBytes: number): EmptyHost | null;
  /** Nothing is started until what this gives back is called. */
  hold(): () => void;
  /** Pids of the hosts there are. */
  pids(): readonly number[];
  /** Ends them all, for good; done when they are dead. */
  close(): Promise<void>;
}

const QUIET_MS = 500;
const CHECK_MS = 5_000;

/** A pool of hosts, sized by the memory that is free. It holds no process of the loop. */
export function createHostPool(options: HostPoolOptions): HostPool {
  const { most, prepare, logger, memory = machineMemory, quietMs = QUIET_MS, checkMs = CHECK_MS } = options;
  const hosts = new Set<EmptyHost>();
  const readyOnes = new WeakSet<EmptyHost>();
  const holds = createHolds(() => refillLater());
  let isClosed = most === 0;
  let quiet: NodeJS.Timeout | null = null;
  let check: NodeJS.Timeout | null = null;
  let filling: Promise<void> | null = null;

  const wanted = (): number => poolSize(most, hosts.size, memory());

  /** One at a time, each only when the one before is ready: nobody is in a hurry here. */
  async function fill(): Promise<void> {
    while (!isClosed && !holds.areThere && hosts.size < wanted()) {
      const host = await prepare();
      if (isClosed) return host.kill();
      hosts.add(host);
      host.child.once('exit', (code, signal) => {
        if (!hosts.delete(host)) return;
        host.kill();
        logger.warn({ pid: host.pid, code, signal }, 'an empty host ended; another takes its place');
        refillLater();
      });
      await host.ready;
      readyOnes.add(host);
    }
  }

  function refill(): void {
    if (isClosed || holds.areThere || filling !== null) return;
    filling = fill()
      .catch((error: unknown) => logger.warn({ reason: messageOf(error) }, 'an empty host did not start'))
      .finally(() => {
        filling = null;
      });
  }

  function refillLater(): void {
    if (isClosed) return;
    if (quiet !== null) clearTimeout(quiet);
    quiet = setTimeout(refill, quietMs).unref();
  }

  /** Gives memory back when the machine is short, and fills up again when it is not any more. */
  function compare(): void {
    const size = wanted();
    for (const host of [...hosts].slice(size)) give(host).kill();
    if (hosts.size < size) refill();
  }

  function give(host: EmptyHost): EmptyHost {
    hosts.delete(host);
    return host;
  }

  return {
    open() {
      if (isClosed || check !== null) return;
      check = setInterval(compare, checkMs).unref();
      refillLater();
    },
    assign(dataBytes) {
      const fitting = [...hosts].filter((host) => host.dataBytes >= dataBytes && !host.hasEnded());
      const host = fitting.find((one) => readyOnes.has(one)) ?? fitting[0];
      return host === undefined ? null : give(host);
    },
    hold: holds.take,
    pids: () => [...hosts].map((host) => host.pid),
    async close() {
      isClosed = true;
      if (quiet !== null) clearTimeout(quiet);
      if (check !== null) clearInterval(check);
      const given = [...hosts].map(give);
      const dead = given.map((host) => host.hasEnded() || once(host.child, 'exit'));
      for (const host of given) host.kill();
      await Promise.all([filling, ...dead]);
    },
  };
}
