import type { Guest } from '../guest.ts';
import { type CliHost, cli } from './cli.ts';
import { monotonicClock, wallClock } from './clocks.ts';
import { denyingRest } from './deny.ts';
import type { AppFiles } from './filesystem/app-files.ts';
import { filesystem } from './filesystem/filesystem.ts';
import { fieldsOf } from './http/fields.ts';
import { FutureTrailers, IncomingBody } from './http/incoming-body.ts';
import { IncomingRequest } from './http/incoming-request.ts';
import { FutureIncomingResponse, IncomingResponse } from './http/incoming-response.ts';
import { OutgoingBody } from './http/outgoing-body.ts';
import type { OutgoingConnections } from './http/outgoing-connections.ts';
import { outgoingHandlerOf } from './http/outgoing-handler.ts';
import { outgoingRequestOf } from './http/outgoing-request.ts';
import { outgoingResponseOf } from './http/outgoing-response.ts';
import { requestOptionsOf } from './http/request-options.ts';
import { ResponseOutparam } from './http/response-outparam.ts';
import { InputStream } from './io/input-stream.ts';
import { IoError } from './io/io-error.ts';
import { OutputStream } from './io/output-stream.ts';
import { Pollable, pollFor } from './io/pollable.ts';
import { insecureRandom, insecureSeed, random } from './random.ts';
import { sockets } from './sockets.ts';

/** What an instance's imports need of the app around it. */
export interface ImportHost extends CliHost {
  /** What outgoing requests go through. */
  readonly connections: OutgoingConnections;
  readonly onSocketDenied: (what: string) => void;
  /** What is in `/data`; null: the app has none. */
  readonly files: AppFiles | null;
  /** What is in `/run/secrets`; null: the app has no such folder. */
  readonly secretFiles: AppFiles | null;
  /** Told when the app has no room left for what it would write there. */
  readonly onFilesFull: () => void;
}

/** Import names carry the version they were made for, or none where the glue has stripped it; all of 0.2 is one. */
const INTERFACE = /^(wasi:[a-z-]+\/[a-z-]+)(?:@0\.2\.\d+)?$/;

/**
 * The whole world of one instance: the import object of its glue. What stands here is offered, everything else is denied
 * by a trap that names it.
 */
export function createImports(guest: Guest, host: ImportHost): Readonly<Record<string, object>> {
  const offered: Readonly<Record<string, object>> = {
    'wasi:io/error': { Error: IoError },
    'wasi:io/poll': { Pollable, poll: pollFor(guest) },
    'wasi:io/streams': { InputStream, OutputStream },
    'wasi:http/types': {
      Fields: fieldsOf(guest),
      FutureIncomingResponse,
      FutureTrailers,
      IncomingBody,
      IncomingRequest,
      IncomingResponse,
      OutgoingBody,
      OutgoingRequest: outgoingRequestOf(guest),
      OutgoingResponse: outgoingResponseOf(guest),
      RequestOptions: requestOptionsOf(guest),
      ResponseOutparam,
      httpErrorCode: (error: IoError) => error.httpErrorCode,
    },
    'wasi:http/outgoing-handler': outgoingHandlerOf(guest, host.connections),
    'wasi:clocks/monotonic-clock': monotonicClock(guest),
    'wasi:clocks/wall-clock': wallClock,
    'wasi:random/random': random,
    'wasi:random/insecure': insecureRandom,
    'wasi:random/insecure-seed': insecureSeed,
    ...cli(guest, host),
    ...filesystem(guest, host),
    ...sockets(guest, host.onSocketDenied),
  };
  return new Proxy<Record<string, object>>(Object.create(null) as Record<string, object>, {
    get(_, key) {
      if (typeof key === 'symbol') return undefined;
      const name = INTERFACE.exec(key)?.[1];
      const known = name !== undefined && Object.hasOwn(offered, name) ? offered[name] : undefined;
      return denyingRest(key, known ?? {});
    },
  });
}
