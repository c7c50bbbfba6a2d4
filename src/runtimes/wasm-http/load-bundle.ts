import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { messageOf } from '../../kit/index.ts';
import { LOAD_FAILED } from './artifact.ts';
import type { Guest } from './guest.ts';
import { GuestTrap } from './guest-trap.ts';
import { IncomingRequest } from './wasi/http/incoming-request.ts';
import type { OutgoingResponse } from './wasi/http/outgoing-response.ts';
import { ResponseOutparam } from './wasi/http/response-outparam.ts';
import type { WasmMemory } from './webassembly.ts';

/** An instance of an engine that has no app yet. */
export interface EmptyEngine {
  readonly guest: Guest;
  readonly handle: (request: IncomingRequest, out: ResponseOutparam) => Promise<void>;
  /** It ran out of fuel. */
  readonly fuelSpent: () => boolean;
  readonly memories: ReadonlySet<WasmMemory>;
}

/** What an engine answers when it has its app. */
const LOADED = 204;
const NEVER_DONE = 'it was never done: a top-level `await` waits for what does not come';
const ENDLESS = 'it used up the fuel for loading: look for a loop that never ends';
const FULL = 'out of memory';
/** Share of a memory without which allocators give up. */
const ROOM = 1 / 8;
const PAGE_BYTES = 65_536;
const HEAD = {
  method: 'POST',
  url: '/',
  headers: { host: 'localhost' },
  rawHeaders: ['host', 'localhost'],
  complete: true,
};

/**
 * Gives an engine the app's bundle, as the body of its first request. Meanwhile it has what a component has while it is made.
 *
 * @throws Error that begins with `LOAD_FAILED`: the bundle cannot be loaded
 */
export async function loadBundle(engine: EmptyEngine, bundle: Uint8Array): Promise<void> {
  const { guest, handle } = engine;
  const message = Object.assign(new Readable({ read() {} }), HEAD);
  message.push(bundle); // it lies there: the message is `complete`
  message.push(null);
  const request = new IncomingRequest(guest, message as unknown as IncomingMessage);
  let answer: OutgoingResponse | null = null;
  const out = new ResponseOutparam(guest, {
    respond(response) {
      answer = response;
    },
    respondError: () => {},
  });
  guest.isLoading = true;
  try {
    await guest.run(() => handle(request, out));
  } catch (error) {
    throw failed(whyEnded(error, engine));
  } finally {
    guest.isLoading = false;
  }
  const given = answer as OutgoingResponse | null;
  const text = Buffer.from(given?.buffer.takeGathered() ?? []).toString();
  given?.buffer.attach('discard');
  if (given === null) throw failed(NEVER_DONE);
  if (given.head.status !== LOADED) throw failed(text);
}

function whyEnded(error: unknown, { fuelSpent, memories }: EmptyEngine): string {
  if (fuelSpent()) return ENDLESS;
  if (error instanceof GuestTrap) return error.message;
  return [...memories].some(isFull) ? FULL : `its engine broke down (${messageOf(error)})`;
}

/** Nobody uses it any more. */
function isFull(memory: WasmMemory): boolean {
  try {
    memory.grow(Math.ceil((memory.buffer.byteLength * ROOM) / PAGE_BYTES));
    return false;
  } catch {
    return true;
  }
}

function failed(why: string): Error {
  return new Error(`${LOAD_FAILED}${why}`);
}
