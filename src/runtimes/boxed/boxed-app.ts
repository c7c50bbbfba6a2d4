import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf, SmallSet } from '../../kit/index.ts';
import type { AppLog } from '../app-log.ts';
import { APP_STOPPING, logTextOf, type Problem, sendProblem } from '../problem.ts';
import type { AppExit, AppHealth, RunningApp } from '../runtime.ts';
import { type Cell, wordsOf } from './cell.ts';
import type { CellEnd } from './cell-end.ts';
import { MAX_CONNECTIONS } from './connections.ts';
import type { CpuBounds } from './cpu-account.ts';
import { type CpuWatch, watchCpu } from './cpu-watch.ts';
import { Exchange, type ExchangeOwner } from './exchange.ts';
import type { GuestFigures } from './figures.ts';
import { APP_BUSY, appEnded, minuteExhausted, NO_ANSWER, turnExhausted } from './problems.ts';
import { passUpgrade, refuseUpgrade } from './upgrade.ts';

export interface BoxedAppParts {
  /** It serves already. */
  readonly first: Cell;
  /** Another one with the same app in it. @throws when it does not come up */
  readonly open: () => Promise<Cell>;
  /** Null: something else bounds it. */
  readonly cpu: CpuBounds | null;
  /** Does it speak other protocols than HTTP (WebSocket)? */
  readonly takesUpgrades: boolean;
  /** May it end by itself? If not, whatever ended it, another cell takes its place. */
  readonly endsItself: boolean;
  /** What its guests count; null: they do not. */
  readonly figures: GuestFigures | null;
  readonly log: AppLog;
  /** Milliseconds that the parts of its start took. */
  readonly startup: Readonly<Record<string, number>>;
}

/** Cells that went past a bound, within a minute, after which the app is given up. */
const MAX_RESTARTS = 5;
const RESTARTS_WITHIN_MS = 60_000;
/** Milliseconds within which it shows whether a cell that broke a connection is alive or at its end. */
const FATE_MS = 3_000;

/** Milliseconds at least for an app to end: with something open it hears of that only behind the grace, as its end would cut that off. */
const GOODBYE_MS = 500;

/** An app that serves in a cell; one that goes past a bound gets another cell. */
export class BoxedApp implements RunningApp, ExchangeOwner<Cell> {
  readonly exited: Promise<AppExit>;
  declare readonly upgrade?: NonNullable<RunningApp['upgrade']>;
  readonly #parts: BoxedAppParts;
  readonly #tellExit: (exit: AppExit) => void;
  readonly #counts = {
    requests: 0,
    refused: 0,
    clients_gone: 0,
    memory_exhausted: 0,
    cpu_exhausted: 0,
    broken: 0,
    restarts: 0,
  };
  /** Null: there is none; `#next` has the one that is being opened. */
  #cell: Cell | null = null;
  #next: Promise<Cell | null> = Promise.resolve(null);
  #watch: CpuWatch | null = null;
  /** Milliseconds of CPU of the cells before. */
  #cpuMsBefore = 0;
  #restartedAt: number[] = [];
  #running = new SmallSet<{ end(): void }>();
  #onDrained: (() => void) | null = null;
  #gone: string | null = null;
  #stopped: Promise<void> | null = null;

  constructor(parts: BoxedAppParts) {
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<AppExit>();
    this.exited = promise;
    this.#tellExit = resolve;
    if (parts.takesUpgrades) this.upgrade = (request, socket, head) => this.#upgrade(request, socket, head);
    this.#enter(parts.first);
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const problem = this.#admit();
    if (problem !== null) {
      sendProblem(response, problem);
      return;
    }
    const exchange = new Exchange<Cell>(this, request, response);
    const running = { end: () => exchange.fail(APP_STOPPING) };
    this.#running.add(running);
    response.once('close', () => {
      if (exchange.isLeft) this.#counts.clients_gone++;
      this.#left(running);
    });
    this.#watch?.wake();
    if (this.#cell !== null) exchange.send(this.#cell);
    else void this.#sendLater(exchange);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {});
    const problem = this.#admit();
    if (problem !== null) {
      refuseUpgrade(request, socket, problem);
      return;
    }
    const running = { end: () => socket.destroy() };
    this.#running.add(running);
    socket.once('close', () => this.#left(running));
    this.#watch?.wake();
    void this.#upgradeLater(request, socket, head);
  }

  async broken(
    _exchange: Exchange<Cell>,
    cell: Cell,
    _error: Error,
    neverReached: boolean,
  ): Promise<Problem | Cell> {
    const end = await fateOf(cell);
    if (neverReached) {
      const next = end === null ? cell : await this.#next;
      if (next !== null && !this.#isStopping) return next;
    }
    return this.#problemOf(end);
  }

  failed({ method, url }: IncomingMessage, problem: Problem): void {
    this.#counts.broken++;
    const path = (url ?? '/').split('?', 1)[0];
    this.#parts.log.line('platform', `${method} ${path}: ${logTextOf(problem)}`);
  }

  async health(signal: AbortSignal): Promise<AppHealth> {
    if (this.#isStopping) return { ok: false, reason: APP_STOPPING.detail };
    const { promise: late, resolve } = Promise.withResolvers<'late'>();
    if (signal.aborted) resolve('late');
    else signal.addEventListener('abort', () => resolve('late'), { once: true });
    const outcome = await Promise.race([this.#answers(), late]);
    if (outcome === 'late')
      return { ok: false, reason: 'the app does not answer: its event loop does not turn' };
    return outcome === null ? { ok: true, reason: null } : { ok: false, reason: outcome };
  }

  stats(): Readonly<Record<string, number>> {
    const { refused, memory_exhausted = 0, ...figures } = this.#parts.figures?.current() ?? {};
    return {
      instances: this.#cell === null ? 0 : 1,
      ...this.#counts,
      ...this.#parts.startup,
      ...figures,
      refused: this.#counts.refused + (refused ?? 0),
      memory_exhausted: this.#counts.memory_exhausted + memory_exhausted,
      in_flight: this.#running.size,
      cpu_ms: Math.round(this.#cpuMsBefore + (this.#cell?.cpuMs() ?? 0)),
      memory_bytes: this.#cell?.memoryBytes() ?? 0,
    };
  }

  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  /** All there is of the app is in its cell. */
  purge(): Promise<void> {
    return this.stop(0);
  }

  get #isStopping(): boolean {
    return this.#stopped !== null;
  }

  async #stop(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    const left = () => Math.max(0, deadline - performance.now());
    if (this.#running.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onDrained = resolve;
      const timer = setTimeout(resolve, graceMs);
      await promise;
      clearTimeout(timer);
    }
    const cell = this.#cell ?? (await this.#next);
    this.#watch?.stop();
    if (graceMs > 0) await cell?.stop(Math.max(left(), GOODBYE_MS));
    for (const each of [...this.#running]) each.end();
    await cell?.end({ kind: 'told' });
  }

  /** What to answer at once instead of the app; counts the request. */
  #admit(): Problem | null {
    this.#counts.requests++;
    if (!this.#isStopping && this.#gone === null && this.#running.size < MAX_CONNECTIONS) return null;
    this.#counts.refused++;
    if (this.#isStopping) return APP_STOPPING;
    return this.#gone === null ? APP_BUSY : appEnded('before the request came');
  }

  #left(running: { end(): void }): void {
    this.#running.delete(running);
    if (this.#running.size === 0) this.#onDrained?.();
  }

  async #sendLater(exchange: Exchange<Cell>): Promise<void> {
    const cell = await this.#next;
    if (cell === null) exchange.fail(this.#problemOf(null));
    else exchange.send(cell);
  }

  async #upgradeLater(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const cell = this.#cell ?? (await this.#next);
    if (cell === null) {
      refuseUpgrade(request, socket, this.#problemOf(null));
      return;
    }
    passUpgrade(cell, request, socket, head, async () => this.#problemOf(await fateOf(cell)));
  }

  #problemOf(end: CellEnd | null): Problem {
    if (this.#isStopping) return APP_STOPPING;
    if (end === null) return this.#gone === null ? NO_ANSWER : appEnded('before the request came');
    return end.kind === 'told' ? APP_STOPPING : end.problem;
  }

  /** Null: it does. */
  async #answers(): Promise<string | null> {
    const cell = this.#cell ?? (await this.#next);
    if (cell === null) return this.#gone ?? 'the app is being stopped';
    return Promise.race([cell.health(), cell.ended.then(wordsOf)]);
  }

  #enter(cell: Cell): void {
    this.#cell = cell;
    const { cpu, figures } = this.#parts;
    this.#watch = cpu && watchCell(cell, cpu);
    const { promise, resolve } = Promise.withResolvers<Cell | null>();
    this.#next = promise;
    void cell.ended.then((end) => {
      this.#watch?.stop();
      this.#cell = null;
      this.#cpuMsBefore += cell.cpuMs();
      figures?.ended();
      void this.#follow(end).then(resolve);
    });
  }

  /** @returns the cell that takes the place of one that has ended; null: there is none */
  async #follow(end: CellEnd): Promise<Cell | null> {
    if (end.kind === 'told' || this.#isStopping) return null;
    if (end.kind === 'exit' && this.#parts.endsItself) return this.#exit(end.exit);
    if (end.kind === 'bound') this.#counts[`${end.bound}_exhausted`]++;
    const why = end.kind === 'bound' ? logTextOf(end.problem) : `its sandbox is gone: ${end.exit.reason}`;
    this.#parts.log.line('platform', why);
    const now = performance.now();
    this.#restartedAt = [...this.#restartedAt.filter((at) => now - at < RESTARTS_WITHIN_MS), now];
    if (this.#restartedAt.length > MAX_RESTARTS)
      return this.#exit({
        code: null,
        reason: `it was ended ${this.#restartedAt.length} times within a minute; the last time: ${wordsOf(end)}`,
      });
    try {
      const cell = await this.#parts.open();
      if (this.#isStopping) {
        await cell.end({ kind: 'told' });
        return null;
      }
      this.#counts.restarts++;
      this.#enter(cell);
      return cell;
    } catch (error) {
      return this.#exit({ code: null, reason: `it did not start again: ${messageOf(error)}` });
    }
  }

  #exit(exit: AppExit): null {
    this.#gone = `the app has ended: ${exit.reason}`;
    this.#tellExit(exit);
    return null;
  }
}

/** Ends a cell that uses more of the CPU than it may. */
function watchCell(cell: Cell, bounds: CpuBounds): CpuWatch {
  return watchCpu({
    bounds,
    cpuMs: () => cell.cpuMs(),
    ask: () => cell.ping(),
    onExhausted: (bound) => {
      const problem = bound === 'turn' ? turnExhausted(bounds.turnMs) : minuteExhausted(bounds.minuteMs);
      void cell.end({ kind: 'bound', bound: 'cpu', problem });
    },
  });
}

/** Is it at its end, and why? Null: it turns, or does not say. */
async function fateOf(cell: Cell): Promise<CellEnd | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), FATE_MS);
  const end = await Promise.race([cell.ended, cell.ping().then(() => null), late]);
  clearTimeout(timer);
  return end;
}
