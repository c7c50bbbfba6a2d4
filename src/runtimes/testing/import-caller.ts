import { systemClock } from '../../kit/index.ts';
import { AppLog } from '../app-log.ts';
import { guestChannel } from '../wasm-http/guest/guest-channel.ts';
import { Guest } from '../wasm-http/guest.ts';
import { LineOutput } from '../wasm-http/line-output.ts';
import { OutgoingConnections } from '../wasm-http/wasi/http/outgoing-connections.ts';
import { createImports } from '../wasm-http/wasi/imports.ts';

/** What a component would import, as far as a request needs it; its handles are let go of as its glue would. */
interface Outgoing {
  readonly types: {
    readonly Fields: { fromList(entries: readonly [string, Uint8Array][]): object };
    readonly OutgoingRequest: new (fields: object) => OutgoingRequest;
    readonly IncomingBody: { finish(body: Disposable): Disposable };
  };
  readonly handler: { handle(request: OutgoingRequest, options: undefined): Future };
}
interface OutgoingRequest {
  setScheme(scheme: { tag: 'HTTP' }): void;
  setAuthority(authority: string): void;
  setPathWithQuery(path: string): void;
}
interface Future extends Disposable {
  subscribe(): Disposable & { block(): Promise<void> };
  get(): { readonly val: { readonly tag: string; readonly val: IncomingResponse } };
}
interface IncomingResponse extends Disposable {
  status(): number;
  headers(): Disposable & { entries(): readonly unknown[] };
  consume(): Disposable & { stream(): Disposable & { blockingRead(length: bigint): Promise<Uint8Array> } };
}

/**
 * Calls out of a box as a component does, through its import object and its channel, without an engine that runs one.
 *
 * @param channelPath socket of the channel
 * @returns asks for a path and reads the answer to its end; gives back its bytes. Throws at another status than 200
 */
export function importCaller(channelPath: string): (authority: string, path: string) => Promise<number> {
  const line = new LineOutput(() => {});
  const imports = createImports(new Guest(Number.MAX_SAFE_INTEGER), {
    connections: new OutgoingConnections(guestChannel(channelPath, new AppLog(() => {}, systemClock))),
    onSocketDenied() {},
    onFilesFull() {},
    files: null,
    secretFiles: null,
    ...{ env: {}, stdout: line, stderr: line },
  });
  const types = imports['wasi:http/types'] as Outgoing['types'];
  const handler = imports['wasi:http/outgoing-handler'] as Outgoing['handler'];
  const accept = Buffer.from('*/*');

  return async (authority, path) => {
    const request = new types.OutgoingRequest(types.Fields.fromList([['accept', accept]]));
    request.setScheme({ tag: 'HTTP' });
    request.setAuthority(authority);
    request.setPathWithQuery(path);
    using future = handler.handle(request, undefined);
    {
      using pollable = future.subscribe();
      await pollable.block();
    }
    const { tag, val } = future.get().val;
    if (tag !== 'ok') throw new Error(`not answered: ${JSON.stringify(val)}`);
    using response = val;
    if (response.status() !== 200) throw new Error(`answered with ${response.status()}`);
    using headers = response.headers();
    headers.entries();
    const body = response.consume();
    const length = await lengthOf(body);
    types.IncomingBody.finish(body)[Symbol.dispose]();
    return length;
  };
}

async function lengthOf(body: ReturnType<IncomingResponse['consume']>): Promise<number> {
  using stream = body.stream();
  let length = 0;
  try {
    for (;;) length += (await stream.blockingRead(65_536n)).length;
  } catch {
    return length; // closed: the end of it, as of one that breaks off
  }
}
