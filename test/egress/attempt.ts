/**
 * One thing that an app is told to try; crosses into its box as JSON.
 *
 * - `raw`: a socket of node:net to a host or a path, and the words, in base64, one packet each; `hold` keeps it for a later `more`
 * - `tls`: node:tls, with whatever server name and protocols
 * - `http`, `https`, `http2`, `fetch`, `websocket`: the client of that name; `ca` is a certificate to trust
 * - `datagram`: node:dgram · `lookup`: node:dns, asking a server of its own · `handle`: node's own TCP handle, under node:net
 * - `custom`: node:net with a `lookup` function of its own that answers `address`
 */
export type Attempt =
  | {
      readonly by: 'raw';
      readonly host?: string;
      readonly port?: number;
      readonly path?: string;
      readonly words: readonly string[];
      readonly hold?: boolean;
    }
  | { readonly by: 'more'; readonly words: readonly string[] }
  | {
      readonly by: 'tls';
      readonly host: string;
      readonly port: number;
      readonly servername?: string;
      readonly alpn?: readonly string[];
      readonly ca?: string;
    }
  | {
      readonly by: 'http' | 'https' | 'http2' | 'fetch' | 'websocket';
      readonly url: string;
      readonly servername?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly method?: string;
      readonly ca?: string;
    }
  | { readonly by: 'datagram' | 'lookup' | 'handle'; readonly host: string; readonly port: number }
  | { readonly by: 'custom'; readonly host: string; readonly port: number; readonly address: string };

/** What the app saw of it. */
export interface Seen {
  readonly by: Attempt['by'];
  /** Of a connection: it was told that it stands. */
  readonly isConnected: boolean;
  /** All that came back, one byte per character. */
  readonly received: string;
  /** Null: there was none. */
  readonly error: { readonly code: string; readonly text: string } | null;
  /** It came to an end by itself, and in time. */
  readonly hasEnded: boolean;
}

/** What an app is asked for: to try these, one after the other. */
export interface Order {
  readonly attempts: readonly Attempt[];
  /** Milliseconds after which an attempt is left that does not end. */
  readonly patienceMs: number;
}
