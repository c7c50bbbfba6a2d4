import type { Diagnostic } from '../app/index.ts';
import type { TabbifyError } from '../kit/index.ts';
import type { IsolationClass } from '../runtimes/index.ts';

/** What happens while an app is written and served, for whoever looks on. */
export type DevEvent =
  | { readonly event: 'listening'; readonly url: string }
  /** Said again when it changes. */
  | {
      readonly event: 'runtime';
      readonly name: string;
      readonly runtime: 'worker' | 'wasm-http' | null;
      readonly isolation: IsolationClass | null;
    }
  /** The manifest lists other entries than before; they count at once. `apps`: those that name apps, of which none runs here. */
  | { readonly event: 'grant'; readonly hosts: readonly string[]; readonly apps: readonly string[] }
  /** A new state of the app answers from now on. `ms`: since its last file was saved, or since the beginning. */
  | { readonly event: 'serving'; readonly again: boolean; readonly ms: number }
  /** A save led to nothing new. `serving`: an earlier state of the app goes on answering. */
  | { readonly event: 'failed'; readonly error: TabbifyError; readonly serving: boolean }
  | {
      readonly event: 'manifest';
      readonly diagnostics: readonly Diagnostic[];
      readonly text: string;
      readonly serving: boolean;
    }
  | { readonly event: 'warning'; readonly text: string }
  | { readonly event: 'note'; readonly text: string }
  | { readonly event: 'log'; readonly origin: 'stdout' | 'stderr' | 'platform'; readonly line: string }
  | {
      readonly event: 'request';
      readonly method: string;
      readonly path: string;
      /** Null: nobody got an answer. */
      readonly status: number | null;
      readonly ms: number;
    }
  /** It has ended by itself. */
  | { readonly event: 'ended'; readonly reason: string };

/** Takes an event; must not throw. */
export type Say = (event: DevEvent) => void;
