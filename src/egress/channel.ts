import type { Duplex } from 'node:stream';

/** A place that an app wants to reach. */
export interface Destination {
  /** Name or address; one of IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * The one way out of an instance: to other hosts, and to the platform (`http://tabbify.internal`). There is one for each
 * instance, made outside it; who holds it is who asks, so nothing that an app sends says who it is.
 */
export interface AppChannel {
  /**
   * A stream of bytes to that place and back, as soon as it may be used. Its end of writing is not its end of reading; an error
   * that nobody listens for is followed by its close and nothing else.
   *
   * @param signal gives it up
   * @throws TabbifyError `egress_denied` (no line of the manifest grants it; the app's log has the line that would),
   * `egress_unreachable`, `egress_busy`
   */
  dial(to: Destination, signal?: AbortSignal): Promise<Duplex>;
}
