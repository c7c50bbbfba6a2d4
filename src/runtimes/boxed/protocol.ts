/**
 * What a host, in the runner, and its guest, the program in the box, say to each other on descriptor 3: one line of JSON
 * each. The bytes of the module follow their line at once. The guest runs beside code of the app, so nothing it says is trusted.
 */
export type HostMessage =
  /** Run this app. Comes once, also after a long time. */
  | {
      readonly cmd: 'load';
      /** The app's whole environment. */
      readonly env: Readonly<Record<string, string>>;
      /** How many bytes of the module's source follow, in UTF-8. */
      readonly bytes: number;
    }
  /** Answered in the next turn of the event loop. */
  | { readonly cmd: 'ping'; readonly n: number }
  /** No request comes any more: the app may bring to an end what it does; the process is killed after that time. */
  | { readonly cmd: 'stop'; readonly grace_ms: number };

export type GuestMessage =
  /** The program is there, and takes an app. */
  | { readonly said: 'warm' }
  /** The app serves on the listener. */
  | { readonly said: 'ready' }
  /** The app could not be loaded; the process ends. `stack` has places in the bundle. */
  | { readonly said: 'failed'; readonly message: string; readonly stack: string | null }
  | { readonly said: 'pong'; readonly n: number }
  /** The app has nothing left to do after `stop`. */
  | { readonly said: 'stopped' };

/** Descriptors of the guest. */
export const GUEST_FDS = {
  /** Both ways: the messages above. */
  control: 3,
  /** A unix socket that listens: the app's requests, as HTTP/1.1. */
  listener: 4,
} as const;

/** Where the box has the socket of the app's channel: an HTTP proxy that takes `CONNECT host:port`. */
export const CHANNEL_PATH = '/run/tabbify/channel.sock';

/** Bytes of a line that the host reads from a guest; a longer one ends the guest. */
export const MAX_GUEST_LINE = 256 * 1024;
