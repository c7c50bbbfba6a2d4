import { WHOLE_HEAD } from './request-head.ts';
import type {
  Fields,
  IncomingBody,
  IncomingRequest,
  InputStream,
  OutgoingBody,
  OutgoingResponse,
  OutputStream,
  Pollable,
  ResponseOutparam,
  Wasi,
} from './wasi.ts';

const CLOSED = { payload: { tag: 'closed' } };

/** A request that lives in memory. */
export interface MemoryRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly (readonly [string, Uint8Array | string])[];
  /** What is under `WHOLE_HEAD`; missing: the host has no such thing. */
  readonly head?: Uint8Array;
  /** What each read finds: bytes, nothing yet (`wait`), or a connection that breaks. Then the end. */
  readonly body?: readonly (string | 'wait' | 'break')[];
}

/** What a handler did with one request. */
export interface MemoryExchange {
  readonly incoming: IncomingRequest;
  readonly outparam: ResponseOutparam;
  readonly wasi: Wasi;
  status: number | null;
  headers: [string, string][];
  chunks: string[];
  /** `finished`: ended properly; `dropped`: the host has to break the connection. */
  end: 'open' | 'finished' | 'dropped';
  /** Handles that are still held, by what they are. */
  readonly held: Map<string, number>;
  /** How often the guest waited for the output to drain. */
  waits: number;
}

/**
 * An in-memory `wasi:http` for tests of the guest shim, strict where a real host is: children are dropped before their
 * parents, nothing is written past the permit of `check-write`.
 *
 * @param permit bytes `check-write` allows at a time; every other call allows none
 * @param clientGoneAfter chunks after which the reader is gone
 */
export function exchange(
  request: MemoryRequest,
  permit = 1 << 20,
  clientGoneAfter = Infinity,
): MemoryExchange {
  const held = new Map<string, number>();
  const hold = (kind: string): void => {
    held.set(kind, (held.get(kind) ?? 0) + 1);
  };
  const dropping = (kind: string, child?: string) => (): void => {
    if (child !== undefined && held.has(child)) throw new Error(`${kind} dropped before its ${child}`);
    const left = (held.get(kind) ?? 0) - 1;
    if (left < 0) throw new Error(`${kind} dropped twice`);
    if (left === 0) held.delete(kind);
    else held.set(kind, left);
  };
  const pollable = (): Pollable => {
    hold('pollable');
    let asked = 0;
    return { ready: () => ++asked > 2, [Symbol.dispose]: dropping('pollable') };
  };

  const input = (): InputStream => {
    hold('input-stream');
    const script = [...(request.body ?? [])];
    return {
      read() {
        const next = script.shift();
        if (next === undefined) throw CLOSED;
        if (next === 'break') throw { payload: { tag: 'last-operation-failed' } };
        return next === 'wait' ? new Uint8Array(0) : new TextEncoder().encode(next);
      },
      subscribe: pollable,
      [Symbol.dispose]: dropping('input-stream'),
    };
  };
  const incomingBody = (): IncomingBody => {
    hold('incoming-body');
    return { stream: input, [Symbol.dispose]: dropping('incoming-body', 'input-stream') };
  };
  const fields = (
    entries: readonly (readonly [string, Uint8Array | string])[],
    head?: Uint8Array,
  ): Fields => {
    hold('fields');
    return {
      get: (name) => (name === WHOLE_HEAD && head !== undefined ? [head] : []),
      entries: () =>
        entries.map(([name, value]) => [
          name,
          typeof value === 'string' ? new TextEncoder().encode(value) : value,
        ]),
      [Symbol.dispose]: dropping('fields'),
    };
  };

  const output = (): OutputStream => {
    hold('output-stream');
    let calls = 0;
    let allowed = 0;
    return {
      checkWrite() {
        if (result.chunks.length >= clientGoneAfter) throw CLOSED;
        calls += 1;
        allowed = permit < 1 << 20 && calls % 2 === 1 ? 0 : permit;
        return BigInt(allowed);
      },
      write(bytes) {
        if (bytes.length > allowed) throw new Error('write past the permit');
        allowed -= bytes.length;
        result.chunks.push(new TextDecoder().decode(bytes));
      },
      flush() {},
      subscribe() {
        result.waits += 1;
        return pollable();
      },
      [Symbol.dispose]: dropping('output-stream'),
    };
  };

  class Response implements OutgoingResponse {
    status = 200;
    readonly headers: Fields;
    constructor(headers: Fields) {
      this.headers = headers;
      headers[Symbol.dispose](); // handed over
    }
    setStatusCode(status: number): void {
      this.status = status;
    }
    body(): OutgoingBody {
      hold('outgoing-body');
      const drop = dropping('outgoing-body', 'output-stream');
      return {
        write: output,
        [Symbol.dispose]: () => {
          drop();
          result.end = 'dropped';
        },
      };
    }
  }

  hold('request');
  const result: MemoryExchange = {
    incoming: {
      method: () => {
        const method = request.method ?? 'GET';
        const known = ['get', 'head', 'post', 'put', 'delete', 'options', 'patch'].includes(
          method.toLowerCase(),
        );
        return known ? { tag: method.toLowerCase() } : { tag: 'other', val: method };
      },
      pathWithQuery: () => request.path ?? '/',
      scheme: () => ({ tag: 'HTTP' }),
      authority: () => 'app.test',
      headers: () => fields(request.headers ?? [], request.head),
      consume: incomingBody,
      [Symbol.dispose]: dropping('request', 'incoming-body'),
    },
    outparam: {},
    wasi: {
      http: {
        Fields: {
          fromList: (entries) => {
            if (entries.some(([name]) => name === 'forbidden')) throw { payload: { tag: 'forbidden' } };
            return fields(entries);
          },
        },
        OutgoingResponse: Response,
        OutgoingBody: {
          finish(body) {
            body[Symbol.dispose]();
            result.end = 'finished';
          },
        },
        ResponseOutparam: {
          set(_, { val }) {
            if (result.status !== null) throw new Error('answered twice');
            const response = val as Response;
            result.status = response.status;
            result.headers = response.headers
              .entries()
              .map(([name, value]) => [name, Buffer.from(value).toString('latin1')]);
          },
        },
      },
      poll: () => Uint32Array.of(0),
      subscribeDuration: pollable,
      getEnvironment: () => [['GREETING', 'Hello']],
    },
    status: null,
    headers: [],
    chunks: [],
    end: 'open',
    held,
    waits: 0,
  };
  return result;
}
