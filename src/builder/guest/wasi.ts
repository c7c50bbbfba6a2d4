/** The WASI 0.2 resources the shim uses, as the engine's bindings present them to JavaScript. */
export interface Pollable extends Disposable {
  ready(): boolean;
}

export interface InputStream extends Disposable {
  /** Up to `length` bytes; empty when none have come yet. Throws `stream-error`. */
  read(length: bigint): Uint8Array;
  subscribe(): Pollable;
}

export interface OutputStream extends Disposable {
  /** Bytes that may be written now. Throws `stream-error`. */
  checkWrite(): bigint;
  write(bytes: Uint8Array): void;
  flush(): void;
  subscribe(): Pollable;
}

export interface Fields extends Disposable {
  get(name: string): Uint8Array[];
  entries(): [string, Uint8Array][];
}

export interface IncomingBody extends Disposable {
  stream(): InputStream;
}

export interface IncomingRequest extends Disposable {
  method(): { readonly tag: string; readonly val?: string };
  pathWithQuery(): string | undefined;
  scheme(): { readonly tag: string; readonly val?: string } | undefined;
  authority(): string | undefined;
  headers(): Fields;
  consume(): IncomingBody;
}

export interface OutgoingBody extends Disposable {
  write(): OutputStream;
}

export interface OutgoingResponse {
  setStatusCode(status: number): void;
  body(): OutgoingBody;
}

export type ResponseOutparam = object;

/** The imports of the shim, handed in by the entry module of the bundle. */
export interface Wasi {
  readonly http: {
    readonly Fields: { fromList(entries: [string, Uint8Array][]): Fields };
    readonly OutgoingResponse: new (headers: Fields) => OutgoingResponse;
    readonly OutgoingBody: { finish(body: OutgoingBody, trailers: undefined): void };
    readonly ResponseOutparam: {
      set(outparam: ResponseOutparam, response: { tag: 'ok'; val: OutgoingResponse }): void;
    };
  };
  readonly poll: (pollables: Pollable[]) => Uint32Array;
  /** Nanoseconds from now. */
  readonly subscribeDuration: (nanoseconds: bigint) => Pollable;
  readonly getEnvironment: () => [string, string][];
}

/** Whether a stream operation threw because the other side has ended. */
export function isClosed(error: unknown): boolean {
  const payload = (error as { payload?: unknown } | null)?.payload ?? error;
  return (payload as { tag?: unknown } | null)?.tag === 'closed';
}
