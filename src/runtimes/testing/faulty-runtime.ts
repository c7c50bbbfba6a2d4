import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { AppChannel } from '../../egress/index.ts';
import { runtimeError } from '../errors.ts';
import type { AppExit, AppHealth, RunningApp, Runtime, StartSpec } from '../runtime.ts';

/** What the runtime does wrong; without any it does everything right. */
export interface Faults {
  readonly failsAtStart?: boolean;
  readonly hangsAtStart?: boolean;
  /** Fails, but only after so many milliseconds. */
  readonly failsAfterMs?: number;
  /** Leaves the folder of an app that did not come up. */
  readonly leaksAtStart?: boolean;
  /** Accepts requests and answers none. */
  readonly silent?: boolean;
  /** Milliseconds before each answer. */
  readonly slowMs?: number;
  /** The app is gone after so many answers. */
  readonly crashesAfter?: number;
  /** A crash is not told. */
  readonly hidesExit?: boolean;
  /** A stop is told as if the app had crashed. */
  readonly tellsStopAsExit?: boolean;
  readonly ignoresStop?: boolean;
  /** Breaks off what is under way when it stops. */
  readonly cutsOffAtStop?: boolean;
  /** Takes new requests while it stops. */
  readonly servesWhileStopping?: boolean;
  readonly leaksAtPurge?: boolean;
  readonly failsAtPurge?: boolean;
  /** A second app takes the place of the first. */
  readonly servesOnlyTheLast?: boolean;
  /** Gathers the whole body before it sends any of it. */
  readonly buffers?: boolean;
  readonly leaksEnvironment?: boolean;
  readonly losesSecretFiles?: boolean;
  readonly letsSecretsBeChanged?: boolean;
  /** An app sees files that it was not given. */
  readonly showsOthersSecrets?: boolean;
  readonly losesLog?: boolean;
  readonly forgetsToCount?: boolean;
  readonly throwsAtStats?: boolean;
  readonly forgetsFuel?: boolean;
  /** What is under way is counted, and no more once it has ended. */
  readonly losesFuel?: boolean;
  /** Says that it is not well although it serves. */
  readonly saysUnwell?: boolean;
  /** The same, but only from this answer on. */
  readonly unwellAfter?: number;
  readonly hangsAtHealth?: boolean;
  readonly throwsAtHealth?: boolean;
  /** Says that it is well although it has stopped. */
  readonly saysWellWhenStopped?: boolean;
  /** Says that it is well although it has ended by itself. */
  readonly saysWellWhenGone?: boolean;
  /** Lets a request go past its bound. */
  readonly ignoresLimits?: boolean;
  /** The app reaches other hosts as any program of the machine does. */
  readonly goesAroundChannel?: boolean;
  /** The app has the way out of the first that was started. */
  readonly sharesChannel?: boolean;
}

/** A runtime for tests whose app is a function of this process, and where it keeps what belongs to its apps. */
export interface FaultyRuntime extends AsyncDisposable {
  readonly runtime: Runtime;
  /** One folder per app that was started and not purged. */
  readonly scratch: string;
}

/**
 * Makes a runtime with faults; its apps have the routes of `RuntimeFixture`, and `/exit/CODE` ends them.
 *
 * @param inside folder that the one of its apps is made in
 */
export async function faultyRuntime(faults: Faults = {}, inside = tmpdir()): Promise<FaultyRuntime> {
  const scratch = await mkdtemp(join(inside, 'faulty-runtime-'));
  const stopOthers = new Set<() => void>();
  let firstChannel: AppChannel | null = null;
  const runtime: Runtime = {
    kind: 'wasm-http',
    isolation: 'wasm-bare',
    limits: { memory: 'unsupported', fuel: 'enforced', cpu: 'best_effort' },
    async start(spec) {
      if (faults.hangsAtStart) await new Promise(() => {});
      const folder = await mkdtemp(join(scratch, 'app-'));
      await writeFile(join(folder, 'state'), 'made by the app');
      const isMissing = spec.artifactDir.endsWith('/missing');
      if (faults.failsAfterMs) await wait(faults.failsAfterMs);
      if (faults.failsAtStart || faults.failsAfterMs || isMissing) {
        if (!faults.leaksAtStart) await rm(folder, { recursive: true });
        const what = isMissing ? 'There is no artifact' : 'The app was told to fail';
        throw runtimeError(isMissing ? 'artifact_invalid' : 'start_failed', {
          what,
          hint: 'Publish it again',
        });
      }
      if (faults.servesOnlyTheLast) for (const stop of stopOthers) stop();
      firstChannel ??= spec.channel;
      const app = new FakeApp(spec, faults, folder, faults.sharesChannel ? firstChannel : spec.channel);
      stopOthers.add(() => void app.stop(0));
      return app;
    },
  };
  return { runtime, scratch, [Symbol.asyncDispose]: () => rm(scratch, { recursive: true, force: true }) };
}

class FakeApp implements RunningApp {
  readonly exited: Promise<AppExit>;
  readonly #spec: StartSpec;
  readonly #channel: AppChannel;
  readonly #faults: Faults;
  readonly #folder: string;
  readonly #running = new Set<ServerResponse>();
  #tellExit: (exit: AppExit) => void = () => {};
  #requests = 0;
  #inFlight = 0;
  #isStopping = false;
  #isGone = false;

  constructor(spec: StartSpec, faults: Faults, folder: string, channel: AppChannel) {
    this.#spec = spec;
    this.#channel = channel;
    this.#faults = faults;
    this.#folder = folder;
    this.exited = new Promise((resolve) => {
      this.#tellExit = resolve;
    });
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#faults.forgetsToCount) this.#requests++;
    this.#inFlight++;
    response.once('close', () => {
      this.#inFlight--;
      this.#running.delete(response);
    });
    if (this.#isGone) {
      response.destroy();
      return;
    }
    if (this.#isStopping && !this.#faults.servesWhileStopping) {
      problem(response, 503, 'the app is stopping');
      return;
    }
    this.#running.add(response);
    if (this.#faults.silent) return;
    this.#answer(request, response).then(
      () => {
        if (this.#requests === this.#faults.crashesAfter) this.#exit(139, 'it crashed');
      },
      () => response.destroy(),
    );
  }

  async health(signal: AbortSignal): Promise<AppHealth> {
    const faults = this.#faults;
    if (faults.throwsAtHealth) throw new Error('nobody knows');
    if (faults.hangsAtHealth && !signal.aborted) await new Promise(() => {});
    const isUnwell = faults.saysUnwell || this.#requests >= (faults.unwellAfter ?? Number.POSITIVE_INFINITY);
    if (isUnwell) return { ok: false, reason: 'it has a cold' };
    if (this.#isStopping && !faults.saysWellWhenStopped) return { ok: false, reason: 'it was stopped' };
    if (this.#isGone && !this.#isStopping && !faults.saysWellWhenGone)
      return { ok: false, reason: 'it is gone' };
    return { ok: true, reason: null };
  }

  stats(): Readonly<Record<string, number>> {
    if (this.#faults.throwsAtStats) throw new Error('nobody has counted');
    const counted = this.#faults.losesFuel ? this.#inFlight : this.#requests;
    const fuel = this.#faults.forgetsFuel ? {} : { fuel_used: counted * 1000 };
    return { requests: this.#requests, in_flight: this.#inFlight, ...fuel };
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    if (this.#faults.ignoresStop) await new Promise(() => {});
    if (this.#faults.tellsStopAsExit) this.#tellExit({ code: 0, reason: 'it was stopped' });
    const deadline = performance.now() + (this.#faults.cutsOffAtStop ? 0 : graceMs);
    while (this.#running.size > 0 && performance.now() < deadline) await wait(5);
    this.#end();
  }

  async purge(): Promise<void> {
    this.#isStopping = true;
    this.#end();
    if (this.#faults.failsAtPurge) throw new Error('what it made is held by another');
    if (!this.#faults.leaksAtPurge) await rm(this.#folder, { recursive: true, force: true });
  }

  #exit(code: number, reason: string): void {
    this.#end();
    if (!this.#faults.hidesExit) this.#tellExit({ code, reason });
  }

  #end(): void {
    this.#isGone = true;
    for (const response of this.#running) response.destroy();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, route, argument] = /^\/([a-z]*)\/?([^/?]*)(?:\?.*)?$/.exec(request.url ?? '/') ?? [];
    if (this.#faults.slowMs) await wait(this.#faults.slowMs);
    switch (route) {
      case 'echo':
        return this.#echo(request, response);
      case 'bytes':
        return void response.end(Buffer.alloc(Number(argument)));
      case 'env': {
        const env = this.#faults.leaksEnvironment ? { ...process.env, ...this.#spec.env } : this.#spec.env;
        return void response.end(
          Object.entries(env)
            .map(([name, value]) => `${name}=${value}\n`)
            .join(''),
        );
      }
      case 'read': {
        const { losesSecretFiles, showsOthersSecrets } = this.#faults;
        const given = losesSecretFiles ? undefined : this.#spec.secretFiles?.[argument ?? ''];
        const bytes = given ?? (showsOthersSecrets ? Buffer.from('of another') : undefined);
        if (bytes === undefined) response.statusCode = 404;
        return void response.end(bytes);
      }
      case 'write':
        response.statusCode = this.#faults.letsSecretsBeChanged ? 200 : 403;
        return void response.end();
      case 'log':
        if (!this.#faults.losesLog)
          for (const line of ['one', 'two', 'three']) this.#spec.log('stdout', line);
        this.#spec.log('stderr', 'oops');
        return void response.end('logged');
      case 'sleep':
        await wait(Number(argument));
        return void response.end('slept');
      case 'events':
        response.flushHeaders();
        while (!response.destroyed) {
          response.write('tick\n');
          await wait(50);
        }
        return;
      case 'loop':
        if (this.#faults.ignoresLimits) return void response.end('went on for ever');
        return problem(response, 500, `the fuel of ${this.#spec.fuelPerRequest} is used up`);
      case 'out':
        return this.#goOut(new URL(request.url?.split('to=')[1] ?? ''), response);
      case 'exit':
        response.end('bye');
        await once(response, 'close');
        return this.#exit(Number(argument), `it exited with code ${argument}`);
      default:
        response.end('hello');
    }
  }

  async #goOut(to: URL, response: ServerResponse): Promise<void> {
    try {
      const place = { host: to.hostname, port: Number(to.port) };
      const stream = this.#faults.goesAroundChannel ? connect(place) : await this.#channel.dial(place);
      const asked = httpRequest({
        path: to.pathname,
        headers: { host: to.host },
        createConnection: () => stream,
      }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      response.writeHead(answer.statusCode ?? 502);
      answer.pipe(response);
    } catch {
      response.writeHead(502).end('nobody answered');
    }
  }

  async #echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#faults.buffers) return void request.pipe(response);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.end(Buffer.concat(chunks));
  }
}

function problem(response: ServerResponse, status: number, detail: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ type: 'about:blank', title: 'App', status, detail }));
}
