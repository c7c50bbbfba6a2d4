/**
 * Bytes that are sent, one after the other: text of one byte per character in which `{port}` stands for the canary's, bytes as they
 * are, or `each` byte of them in a packet of its own.
 */
export type Words = readonly (string | Buffer | { readonly each: Buffer })[];

/**
 * How it is tried.
 *
 * - `dial`: a connection to that place, by whatever means the runtime has. A URL-like `host` is what an app puts in front of
 *   the port
 * - `speak`: a connection to a place that is granted, over which the words go
 * - `proxy`: the words go to the channel's socket as they are
 */
export type Attempt =
  | { readonly kind: 'dial'; readonly host: string; readonly port?: number }
  | { readonly kind: 'speak'; readonly host: string; readonly words: Words }
  | { readonly kind: 'proxy'; readonly words: Words };

/** One attempt to get out where nothing was granted, or to say there what must not be said. */
export interface EgressAttack {
  /** A sentence without its end. */
  readonly name: string;
  /** Entries of `http_allow_list`; `{port}` is the canary's. */
  readonly granted: readonly string[];
  /** What the resolver says of a name, one lookup after the other; the last one stays. Names that are not there have no address. */
  readonly addresses?: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly attempt: Attempt;
  /** What the canary may hear of it all the same, from its beginning on, e.g. the request before the one that must not come. Default: nothing. */
  readonly heard?: string;
  /** An address that is granted by itself: who listens there may hear it. */
  readonly mayReach?: string;
  /** It waits for a bound to be reached. */
  readonly isSlow?: boolean;
}

/** Where the attacks find the canary that is granted to them. */
export const ALLOWED = 'allowed.example';
/** Its address is granted as well, as it is no public one. */
export const AT_LOOPBACK = { [ALLOWED]: [['127.0.0.1']] } as const;
