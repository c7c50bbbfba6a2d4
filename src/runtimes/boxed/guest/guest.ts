import { createServer } from 'node:http';
import type { SecretFiles } from '../../runtime.ts';
import { backgroundWork } from '../../worker/guest/background.ts';
import { eitherListener } from '../../worker/guest/either-listener.ts';
import { type Entry, entryOf } from '../../worker/guest/entry.ts';
import type { UseFetch } from '../../worker/guest/fetch-listener.ts';
import { IN_BOX } from '../guest-argv.ts';
import type { ComponentProgram, GuestProgram, HostMessage } from '../protocol.ts';
import type { ComponentApp, ServeComponent } from './component-app.ts';
import { failedMessage, openControl } from './control.ts';
import { fillEnvironment } from './environment.ts';
import { offerListener } from './listen.ts';
import { loadModule, seemProgram } from './load-module.ts';
import { refuseNamesAndDatagrams } from './no-network.ts';
import { rehearse } from './rehearsal.ts';
import { countRequests, type Requests } from './requests.ts';
import { secretFilesOf, writeSecretFiles } from './secret-files.ts';
import { leadOut } from './way-out.ts';
import { tellWithoutProc } from './without-proc.ts';

/** What the app may have replaced by the time it is needed. */
const exit = process.exit.bind(process);

/** What runs components; laid beside this program, and loaded when there is one. */
const COMPONENT_PROGRAM = new URL('./guest-component.mjs', import.meta.url);
/** Bytes of a request's head; the front of the runner, which lets no more in, has its own bound. */
const MAX_HEAD_BYTES = 128 * 1024;

/** Why a start is at no end although nothing goes on any more. */
const ENDLESS = {
  module: 'A top-level await of the module never ends',
  component: 'The start code of the component waits for what never comes',
} as const;

const NOTHING_SERVES =
  'The module exports nothing that takes requests, and opened no server: export default { fetch(request) }, or listen with node:http';

/** Does what apps do first. */
function rehearsedAnswer(request: Request): Response {
  const { pathname } = new URL(request.url);
  return new Response(`${pathname} ${request.headers.get('host')}`, { headers: { 'x-rehearsal': '1' } });
}

/** Loaded by the first call. */
function componentProgram(): Promise<{ readonly serveComponent: ServeComponent }> {
  return import(COMPONENT_PROGRAM.href);
}

/**
 * Runs the guest: waits for an app, loads it, has it serve, and lets it end.
 *
 * @param channelPath of the socket of the app's way out
 */
export function startGuest(channelPath: string): void {
  let requests: Requests | null = null;
  let isEvaluated = false;
  let isStopping = false;
  let endsItself = false;
  let isOver = false;
  let kind: GuestProgram['kind'] = 'module';
  let component: ComponentApp | null = null;
  let isLoading = false;
  let endRehearsal = (): void => {};
  let web: Promise<UseFetch> | null = null;

  leadOut(channelPath);
  refuseNamesAndDatagrams();
  tellWithoutProc();
  const background = backgroundWork(stopWhenIdle);
  const listener = offerListener((server) => {
    requests = countRequests(server, stopWhenIdle);
    sayReady();
  });
  const control = openControl(({ message, bytes }) => {
    if (message.cmd === 'load' && bytes !== null) void load(message, bytes);
    else if (message.cmd === 'expect')
      partsOf(message.kind).catch(() => {}); // who needs it meets that again
    else if (message.cmd === 'rehearse') void rehearseModule();
    else if (message.cmd === 'ping') void control.say({ said: 'pong', n: message.n });
    else if (message.cmd === 'health') void sayHealth(message.n);
    else if (message.cmd === 'stop') stop();
  });
  process.on('beforeExit', nothingLeft);
  void control.say({ said: 'warm' });

  async function load(
    { program, env, secret_files, hides_errors = false }: HostMessage & { cmd: 'load' },
    bytes: Buffer,
  ): Promise<void> {
    isLoading = true;
    endRehearsal();
    void control.say({ said: 'taken' });
    control.release();
    kind = program.kind;
    try {
      if (program.kind === 'module') {
        writeSecretFiles(secret_files);
        if (hides_errors) (await import('../../worker/guest/fetch-listener.ts')).hideErrors();
        await loadInto(env, bytes);
      } else await loadComponent(program, env, secretFilesOf(secret_files), bytes);
    } catch (error) {
      await fail(error);
    }
  }

  function partsOf(expected: GuestProgram['kind']): Promise<unknown> {
    return expected === 'module' ? webParts() : componentProgram();
  }

  /** What of the web a module is given. Node takes 30 ms to load its own, which a component has no use for. */
  function webParts(): Promise<UseFetch> {
    web ??= import('../../worker/guest/fetch-listener.ts').then(({ prepareFetchListener }) =>
      prepareFetchListener(background),
    );
    return web;
  }

  async function rehearseModule(): Promise<void> {
    const useFetch = await webParts();
    if (!isLoading) endRehearsal = rehearse(useFetch(rehearsedAnswer, {}));
  }

  async function loadInto(env: Readonly<Record<string, string>>, source: Buffer): Promise<void> {
    const useFetch = await webParts(); // in front of Node's own before the module sees them
    fillEnvironment(env);
    seemProgram();
    const entry = entryOf(await loadModule(source));
    isEvaluated = true;
    if (listener.server === null) serve(entry, { ...env }, useFetch);
    else sayReady();
  }

  /** Its environment is for the component alone. */
  async function loadComponent(
    program: ComponentProgram,
    env: Readonly<Record<string, string>>,
    secretFiles: SecretFiles,
    bytes: Buffer,
  ): Promise<void> {
    const { serveComponent } = await componentProgram();
    const source = bytes.length === 0 ? null : bytes;
    component = await serveComponent({
      ...{ program, env, secretFiles, source, channelPath },
      shelf: IN_BOX.shelf,
      say: control.say,
    });
    isEvaluated = true;
    listener.give(createServer({ maxHeaderSize: MAX_HEAD_BYTES }, component.answer));
  }

  /** A module that turns is well. */
  async function sayHealth(n: number): Promise<void> {
    const reason = component === null ? null : await component.health();
    await control.say({ said: 'health', n, reason });
  }

  function serve(entry: Entry, env: Readonly<Record<string, string>>, useFetch: UseFetch): void {
    if (entry.kind === 'server') listener.give(entry.server);
    if (entry.kind === 'node') listener.give(createServer(entry.listener));
    if (entry.kind === 'fetch') listener.give(createServer(useFetch(entry.handle, env)));
    if (entry.kind === 'either')
      listener.give(createServer(eitherListener(entry.handle, useFetch(entry.handle, env))));
  }

  /** Once the module is there and a server has the listener, whichever comes last. */
  function sayReady(): void {
    if (isEvaluated && requests !== null) void control.say({ said: 'ready' });
  }

  async function fail(error: unknown): Promise<void> {
    await control.say(failedMessage(error));
    exit(1);
  }

  /** A module that listens to SIGTERM ends itself; of any other app, what runs is waited for. */
  function stop(): void {
    isStopping = true;
    endsItself = process.listenerCount('SIGTERM') > 0;
    if (endsItself) process.emit('SIGTERM', 'SIGTERM');
    else listener.server?.close();
    stopWhenIdle();
  }

  function stopWhenIdle(): void {
    if (!isStopping) return;
    listener.server?.closeIdleConnections(); // a server that was closed with requests at work does not close theirs
    if (endsItself) return;
    if ((requests?.underWay ?? 0) === 0 && background.pending === 0) sayStopped();
  }

  function sayStopped(): void {
    if (isOver) return;
    isOver = true;
    void control.say({ said: 'stopped' });
  }

  /** The event loop has run empty. */
  function nothingLeft(): void {
    if (isStopping) sayStopped();
    else if (!isEvaluated) void fail(ENDLESS[kind]);
    else if (listener.server === null) void fail(NOTHING_SERVES);
  }
}
