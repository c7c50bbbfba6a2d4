/** What an instance may take of its channel; each figure stands in docs/egress.md. */
export interface EgressLimits {
  /** Connections at once, those that are being made included. */
  readonly streams: number;
  /** New connections per second in the long run … */
  readonly dialsPerSecond: number;
  /** … and at once, after a rest. */
  readonly dialBurst: number;
  /** Milliseconds for looking a name up and connecting. */
  readonly connectMs: number;
  /** Milliseconds for the rest of what has begun: a server name, a request's head. */
  readonly headMs: number;
  /** Bytes of a ClientHello with all its records; hybrid keys and a long ticket need some 5 KiB. */
  readonly helloBytes: number;
  /** Bytes of a request's head in a tunnel. */
  readonly headBytes: number;
  /** Milliseconds without a byte in either direction. */
  readonly idleMs: number;
}

export const EGRESS_LIMITS: EgressLimits = {
  streams: 512,
  dialsPerSecond: 100,
  dialBurst: 1_000,
  connectMs: 10_000,
  headMs: 10_000,
  helloBytes: 32 * 1024,
  headBytes: 64 * 1024,
  idleMs: 30 * 60_000,
};

/** What whoever is at the other end of a channel's socket may take. */
export interface ChannelLimits {
  /** Connections at once, tunnels included; further ones are closed at once. */
  readonly connections: number;
  /** Bytes of a request's head. */
  readonly headBytes: number;
  /** Milliseconds for a request's head to arrive, and without a request on a connection that had one. */
  readonly headMs: number;
  /** Milliseconds without a byte in a tunnel whose one direction has ended; looked at once in each such time. */
  readonly halfOpenMs: number;
}

export const CHANNEL_LIMITS: ChannelLimits = {
  connections: 512,
  headBytes: 16 * 1024,
  headMs: 10_000,
  halfOpenMs: 60_000,
};
