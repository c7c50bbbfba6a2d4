import type { Figures } from './figures.ts';

/** An app as a guest runs it: a module for Node, or a component with the glue that makes it one. */
export type GuestProgram =
  /** The bytes are the module's source, in UTF-8. */
  { readonly kind: 'module' } | ComponentProgram;

/** Its files are on the shelf. The bytes are the bundle of an app that it is to load, in UTF-8; none: it has its app. */
export interface ComponentProgram {
  readonly kind: 'component';
  /** Names of files on the shelf. */
  readonly glue: string;
  readonly cores: readonly { readonly name: string; readonly file: string }[];
  /** Name of the export that answers requests. */
  readonly handler: string;
  /** MiB that an instance may have; written into the cores already. */
  readonly memoryMb: number;
  /** Bytes of linear memory that all instances may have together. */
  readonly budgetBytes: number;
  readonly fuelPerRequest: number;
  /** False: each request gets an instance as it was before its first one. */
  readonly reuse: boolean;
  /** An instance can be put back to that; else a new one is made. */
  readonly restorable: boolean;
  /** It has `/data`, asked for over its channel. */
  readonly hasFiles: boolean;
}

/**
 * What a host, in the runner, and its guest, the program in the box, say to each other on descriptor 3: one line of JSON
 * each. The bytes of the app follow their line at once. The guest runs beside code of the app, so nothing it says is trusted.
 */
export type HostMessage =
  /** Run this app. Comes once, also after a long time. */
  | {
      readonly cmd: 'load';
      readonly program: GuestProgram;
      /** The app's whole environment. */
      readonly env: Readonly<Record<string, string>>;
      /** Files that it finds in `/run/secrets`: names, and bytes in base64. */
      readonly secret_files: Readonly<Record<string, string>>;
      /** See `StartSpec.hidesErrors`. */
      readonly hides_errors?: boolean;
      /** How many bytes of the app follow. */
      readonly bytes: number;
    }
  /** It is, or may be, an app of this kind that will come: what runs one can be loaded. */
  | { readonly cmd: 'expect'; readonly kind: GuestProgram['kind'] }
  /** Walk the way of a module that answers, without one: there is time. */
  | { readonly cmd: 'rehearse' }
  /** Answered in the next turn of the event loop. */
  | { readonly cmd: 'ping'; readonly n: number }
  /** Could the app serve now? */
  | { readonly cmd: 'health'; readonly n: number }
  /** No request comes any more: the app may bring to an end what it does; the process is killed after that time. */
  | { readonly cmd: 'stop'; readonly grace_ms: number };

export type GuestMessage =
  /** The program is there, and takes an app. */
  | { readonly said: 'warm' }
  /** The app has come, whole; nothing of it has been run. */
  | { readonly said: 'taken' }
  /** The app serves on the listener. */
  | { readonly said: 'ready' }
  /** The app could not be loaded; the process ends. `stack` has places in the bundle. */
  | { readonly said: 'failed'; readonly message: string; readonly stack: string | null }
  | { readonly said: 'pong'; readonly n: number }
  /** `reason`: why the app is not well; null when it is. */
  | { readonly said: 'health'; readonly n: number; readonly reason: string | null }
  /** Of a component alone, whose guest is the platform's program: what it has counted so far, and a line for the app's log. */
  | { readonly said: 'figures'; readonly figures: Figures }
  | { readonly said: 'log'; readonly line: string }
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
