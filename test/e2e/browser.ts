import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { killGroup } from '../../src/kit/index.ts';

const PROGRAMS = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

/** The browser of this machine; null: there is none. */
export function findBrowser(): string | null {
  return PROGRAMS.find((program) => spawnSync(program, ['--version']).status === 0) ?? null;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite?: string;
}

/** A real Chromium without a window, asked through its DevTools protocol. */
export class Browser implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<Readonly<Record<string, unknown>>>>();
  readonly #listeners = new Set<(message: Message) => void>();
  #calls = 0;

  private constructor(child: ChildProcess, profile: string, socket: WebSocket) {
    this.#child = child;
    this.#profile = profile;
    this.#socket = socket;
    socket.on('message', (data) => this.#take(JSON.parse(String(data))));
  }

  /** @param names hosts that lead to this machine; all others but `localhost` lead nowhere */
  static async launch(program: string, names: readonly string[] = []): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'tabbify-browser-'));
    const rules = [...names.map((name) => `MAP ${name} 127.0.0.1`), 'MAP *.example ~NOTFOUND'];
    const child = spawn(
      program,
      [
        ...[
          '--headless',
          '--disable-gpu',
          '--no-first-run',
          '--disable-dev-shm-usage',
          '--disable-background-networking',
        ],
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // Chromium's own box is not for root
        ...[
          `--user-data-dir=${profile}`,
          '--remote-debugging-port=0',
          `--host-resolver-rules=${rules.join(',')}`,
        ],
        'about:blank',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], detached: true }, // Debian's program is a script: the browser is its child
    );
    process.once('exit', () => killGroup(child.pid)); // of a run that is called off
    for await (const line of createInterface({ input: child.stderr })) {
      const address = /^DevTools listening on (ws:\/\/\S+)/.exec(line)?.[1];
      if (address === undefined) continue;
      child.stderr.resume();
      const socket = new WebSocket(address);
      await once(socket, 'open');
      return new Browser(child, profile, socket);
    }
    throw new Error(`${program} ended before it could be asked`);
  }

  /** A person: cookies of his own. */
  async person(): Promise<Tab> {
    const { browserContextId } = await this.call('Target.createBrowserContext');
    const { targetId } = await this.call('Target.createTarget', { url: 'about:blank', browserContextId });
    const { sessionId } = await this.call('Target.attachToTarget', { targetId, flatten: true });
    const tab = new Tab(this, String(sessionId), String(browserContextId));
    await tab.call('Page.enable');
    return tab;
  }

  async call(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    sessionId?: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#calls;
    const answer = Promise.withResolvers<Readonly<Record<string, unknown>>>();
    this.#waiting.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }));
    return answer.promise;
  }

  /** Resolves when the tab says this. */
  async event(method: string, sessionId: string): Promise<void> {
    const heard = Promise.withResolvers<void>();
    const listener = (message: Message) => {
      if (message.method === method && message.sessionId === sessionId) heard.resolve();
    };
    this.#listeners.add(listener);
    await heard.promise;
    this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#socket.close();
    killGroup(this.#child.pid);
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  #take(message: Message): void {
    for (const listener of [...this.#listeners]) listener(message);
    const waiting = this.#waiting.get(message.id ?? 0);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id ?? 0);
    if (message.error === undefined) waiting.resolve(message.result ?? {});
    else waiting.reject(new Error(message.error.message));
  }
}

/** One tab of one person. */
export class Tab {
  readonly #browser: Browser;
  readonly #session: string;
  readonly #context: string;

  constructor(browser: Browser, session: string, context: string) {
    this.#browser = browser;
    this.#session = session;
    this.#context = context;
  }

  call(method: string, params: Readonly<Record<string, unknown>> = {}) {
    return this.#browser.call(method, params, this.#session);
  }

  /** Types an address and waits until its page has loaded. */
  async open(url: string): Promise<void> {
    const loaded = this.#browser.event('Page.loadEventFired', this.#session);
    await this.call('Page.navigate', { url });
    await loaded;
  }

  /** Presses a button, or follows a link, and waits until the next page has loaded. */
  async press(selector: string): Promise<void> {
    const loaded = this.#browser.event('Page.loadEventFired', this.#session);
    await this.run(`document.querySelector(${JSON.stringify(selector)}).click()`);
    await loaded;
  }

  /** What the page's own script would be told. Promises are waited for; an error is its message. */
  async run(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = (await this.call('Runtime.evaluate', {
      ...{ expression, awaitPromise: true, returnByValue: true, userGesture: true },
    })) as { result: { value?: unknown; description?: string }; exceptionDetails?: unknown };
    return exceptionDetails === undefined ? result.value : `${result.description}`;
  }

  async text(): Promise<string> {
    return String(await this.run('document.body.innerText'));
  }

  async url(): Promise<string> {
    return String(await this.run('location.href'));
  }

  async cookies(): Promise<readonly Cookie[]> {
    const { cookies } = await this.#browser.call('Storage.getCookies', { browserContextId: this.#context });
    return cookies as readonly Cookie[];
  }

  /** For people who want to look: writes a PNG. */
  async picture(file: string): Promise<void> {
    const { data } = await this.call('Page.captureScreenshot');
    await writeFile(file, Buffer.from(String(data), 'base64'));
  }
}
