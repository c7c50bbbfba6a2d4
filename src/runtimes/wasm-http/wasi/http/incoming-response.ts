import type { IncomingMessage } from 'node:http';
import type { Guest } from '../../guest.ts';
import { type Variant, WasiFailure } from '../failure.ts';
import { HostResource } from '../host-resource.ts';
import { Pollable } from '../io/pollable.ts';
import { READY } from '../io/waitable.ts';
import { Fields } from './fields.ts';
import { IncomingBody } from './incoming-body.ts';
import { MessageBody } from './message-body.ts';
import type { OutgoingExchange } from './outgoing-exchange.ts';
import { receivedEntries } from './received-entries.ts';

const CUT: Variant = { tag: 'HTTP-response-incomplete' };

/** `wasi:http/types.future-incoming-response`. */
export class FutureIncomingResponse extends HostResource {
  /** Or why there is none. */
  readonly #exchange: OutgoingExchange | Variant;
  #taken = false;

  constructor(guest: Guest, exchange: OutgoingExchange | Variant) {
    super(guest);
    this.#exchange = exchange;
  }

  subscribe(): Pollable {
    return new Pollable(this.guest, 'tag' in this.#exchange ? READY : this.#exchange);
  }

  /** Undefined while it is not there; `err` when it was taken before. */
  get() {
    const exchange = this.#exchange;
    const outcome = 'tag' in exchange ? { error: exchange } : exchange.outcome;
    if (outcome === null) return undefined;
    if (this.#taken) return { tag: 'err', val: undefined };
    this.#taken = true;
    if ('error' in outcome) return { tag: 'ok', val: { tag: 'err', val: outcome.error } };
    const response = new IncomingResponse(this.guest, outcome.response, exchange as OutgoingExchange);
    return { tag: 'ok', val: { tag: 'ok', val: response } };
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    if (!this.#taken && !('tag' in this.#exchange)) this.#exchange.end();
  }
}

/** `wasi:http/types.incoming-response`. */
export class IncomingResponse extends HostResource {
  readonly #message: IncomingMessage;
  readonly #exchange: OutgoingExchange;
  #consumed = false;

  constructor(guest: Guest, message: IncomingMessage, exchange: OutgoingExchange) {
    super(guest);
    this.#message = message;
    this.#exchange = exchange;
  }

  status(): number {
    return this.#message.statusCode ?? 0;
  }

  headers(): Fields {
    return Fields.fixed(this.guest, receivedEntries(this.#message.rawHeaders));
  }

  consume(): IncomingBody {
    if (this.#consumed) throw new WasiFailure();
    this.#consumed = true;
    const { betweenBytesMs } = this.#exchange.timeouts;
    return new IncomingBody(
      this.guest,
      () => new MessageBody(this.guest, this.#message, { cut: CUT, betweenBytesMs }),
      () => this.#exchange.doneReading(this.#message),
    );
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    if (!this.#consumed) this.#exchange.doneReading(this.#message);
  }
}
