import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf, SmallSet } from '../../kit/index.ts';
import type { AppLog } from '../app-log.ts';
import { APP_STOPPING, logTextOf, type Problem } from '../problem.ts';
import type { AppExit, AppHealth, RunningApp } from '../runtime.ts';
import { Exchange } from './exchange.ts';
import type { Instance } from './instance.ts';
import type { InstancePool } from './instance-pool.ts';
import { APP_BUSY, type Bounds, explainFailure, noInstance } from './problems.ts';
import { IncomingRequest } from './wasi/http/incoming-request.ts';
import { ResponseOutparam } from './wasi/http/response-outparam.ts';

/** Milliseconds a guest may go on after its client has left: time to notice that its streams are closed. */
const CLIENT_GONE_GRACE_MS = 2000;

export interface WasmAppParts {
  readonly pool: InstancePool;
  readonly bounds: Bounds;
  readonly log: AppLog;
  /** Milliseconds that the parts of its start took. */
  readonly startup: Readonly<Record<'load_ms' | 'instantiate_ms', number>>;
  /** Called once, when the app has stopped. */
  readonly onStopped: () => void;
}

/** A request that is at work in an instance. */
interface Running {
  readonly exchange: Exchange;
  readonly instance: Instance;
}

/** An app that serves: lends each request an instance and answers for it when the guest does not. */
export class WasmApp implements RunningApp {
  /** A guest that traps or exits takes its instance along, not the app; only the process that runs it can end. */
  readonly exited = new Promise<AppExit>(() => {});
  readonly #parts: WasmAppParts;
  readonly #running = new SmallSet<Running>();
  readonly #counts = {
    requests: 0,
    fuel_exhausted: 0,
    memory_exhausted: 0,
    trapped: 0,
    refused: 0,
    clients_gone: 0,
  };
  /** Requests whose answer is not at its end. */
  #inFlight = 0;
  #stopping = false;
  #onDrained: (() => void) | null = null;

  constructor(parts: WasmAppParts) {
    this.#parts = parts;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    this.#counts.requests++;
    this.#inFlight++;
    response.once('close', () => this.#inFlight--); // after the last byte of a stream, or when its client has gone
    const exchange = new Exchange(request, response);
    if (this.#stopping) {
      exchange.fail(APP_STOPPING);
      return;
    }
    const idle = this.#parts.pool.takeIdle();
    if (idle === null) void this.#serveLater(exchange);
    else void this.#run(exchange, idle);
  }

  /** It can serve when it has an instance, or one can be made. */
  async health(): Promise<AppHealth> {
    if (this.#stopping) return { ok: false, reason: APP_STOPPING.detail };
    try {
      await this.#parts.pool.ensureOne();
      return { ok: true, reason: null };
    } catch (error) {
      return { ok: false, reason: `no instance can be made: ${messageOf(error)}` };
    }
  }

  stats(): Readonly<Record<string, number>> {
    return {
      ...this.#parts.pool.figures,
      ...this.#counts,
      ...this.#parts.startup,
      in_flight: this.#inFlight,
    };
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    if (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#onDrained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#parts.pool.close(new Error('the app is stopping'));
    for (const running of [...this.#running]) this.#end(running, 'the app was stopped', APP_STOPPING);
    this.#parts.onStopped();
  }

  /** All there is of the app is in this process. */
  purge(): Promise<void> {
    return this.stop(0);
  }

  async #serveLater(exchange: Exchange): Promise<void> {
    const gone = new AbortController();
    exchange.onGone(() => gone.abort());
    const turn = this.#parts.pool.take(gone.signal);
    if (turn === null) {
      this.#counts.refused++;
      exchange.fail(APP_BUSY);
      return;
    }
    try {
      await this.#run(exchange, await turn);
    } catch (error) {
      if (!exchange.isGone) this.#refuse(exchange, this.#stopping ? APP_STOPPING : noInstance(error));
    }
  }

  /** Never rejects. */
  async #run(exchange: Exchange, instance: Instance): Promise<void> {
    const { pool } = this.#parts;
    for (let room = pool.admit(instance); room !== null; room = pool.admit(instance)) await room;
    if (exchange.isGone) {
      pool.giveBack(instance);
      return;
    }
    const running: Running = { exchange, instance };
    this.#running.add(running);
    exchange.onGone(() => this.#clientGone(running));
    try {
      const { guest } = instance;
      await instance.handle(
        new IncomingRequest(guest, exchange.request),
        new ResponseOutparam(guest, exchange),
      );
      const problem = exchange.settle();
      if (problem !== null) this.#report(exchange, problem);
      pool.giveBack(instance);
    } catch (error) {
      this.#trapped(running, error);
      pool.discard(instance);
    }
    instance.endRequest();
    this.#forget(running);
  }

  #trapped({ exchange, instance }: Running, error: unknown): void {
    if (exchange.isGone) return;
    const failure = { error, fuelSpent: instance.fuelSpent(), memoryBytes: instance.memoryBytes() };
    const problem = explainFailure(failure, this.#parts.bounds);
    if (problem.code === 'fuel_exhausted') this.#counts.fuel_exhausted++;
    else if (problem.code === 'memory_exhausted') this.#counts.memory_exhausted++;
    else this.#counts.trapped++;
    exchange.fail(problem);
    this.#report(exchange, problem);
  }

  #clientGone(running: Running): void {
    if (!this.#running.has(running)) return;
    this.#counts.clients_gone++;
    setTimeout(() => this.#end(running, 'the client has gone', null), CLIENT_GONE_GRACE_MS).unref();
  }

  /** Ends a request whose guest is still at work, and gives its instance up. */
  #end(running: Running, message: string, problem: Problem | null): void {
    if (!this.#running.has(running)) return;
    if (problem !== null) running.exchange.fail(problem);
    running.instance.guest.interrupt(message);
    this.#parts.pool.discard(running.instance);
    this.#forget(running);
  }

  #forget(running: Running): void {
    this.#running.delete(running);
    if (this.#running.size === 0) this.#onDrained?.();
  }

  #refuse(exchange: Exchange, problem: Problem): void {
    this.#counts.refused++;
    exchange.fail(problem);
    this.#report(exchange, problem);
  }

  #report({ request }: Exchange, problem: Problem): void {
    const path = (request.url ?? '/').split('?', 1)[0];
    this.#parts.log.line('platform', `${request.method} ${path}: ${logTextOf(problem)}`);
  }
}
