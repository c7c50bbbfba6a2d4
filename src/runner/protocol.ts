import type { AppGrant, SecretKind } from '../app/index.ts';
import type { Endpoint } from '../kit/index.ts';
import type { IsolationClass } from '../runtimes/index.ts';
import type { RunSettings } from '../state/index.ts';

/**
 * Version of the control protocol that runners of this build speak. A change that a runner or an office of the version
 * before would misread raises it by one; until the number after that, the office translates (docs/upgrading.md).
 * In every version a runner answers `ping` with its nonce and its number, and ends gracefully at SIGTERM.
 */
export const CONTROL_PROTOCOL = 2;

/** Versions that this office speaks with runners: its own and the one before (CONTRACTS §8). */
export const SPOKEN_PROTOCOLS: readonly number[] = [CONTROL_PROTOCOL - 1, CONTROL_PROTOCOL].filter(
  (version) => version >= 1,
);

/** One JSON line in, one JSON line out, one command per connection (CONTRACTS §8). */
export type ControlCommand =
  | { readonly cmd: 'ping'; readonly nonce: string }
  | { readonly cmd: 'health' }
  | { readonly cmd: 'deploy'; readonly spec: RunnerSpec }
  | { readonly cmd: 'stop'; readonly grace_ms: number }
  /** `grace_ms`: as with `stop`; runners of protocol 1 know none. */
  | { readonly cmd: 'purge'; readonly grace_ms?: number }
  | { readonly cmd: 'shutdown' }
  /**
   * What its app may do from now on; runners of the version before do not know it. Other secrets need another start.
   * `node`: see `RunnerSpec.node`.
   */
  | { readonly cmd: 'grant'; readonly grant: AppGrant; readonly node?: string };

export type ControlReply =
  | { readonly reply: 'pong'; readonly protocol: number; readonly nonce: string; readonly pid: number }
  | {
      readonly reply: 'health';
      readonly state: 'empty' | 'serving' | 'stopping';
      /** `RunningApp.health`; a runner without an app is well. */
      readonly ok: boolean;
      /** Why it is not well; null when it is. */
      readonly reason: string | null;
      readonly stats: Readonly<Record<string, number>>;
      /** What the app was denied; runners of the version before do not say. */
      readonly denied?: readonly DeniedHost[];
      readonly endpoint: Endpoint | null;
    }
  | { readonly reply: 'ok'; readonly endpoint: Endpoint | null }
  | { readonly reply: 'err'; readonly code: string; readonly message: string };

/** What would have let an app through. */
export interface DeniedHost {
  /** Of `http_allow_list`. */
  readonly entry: string;
  readonly times: number;
}

/** The value of a secret on its way to the app. It is in no file, no event and no error of anybody who passes it on. */
export interface GivenSecret {
  readonly name: string;
  /** Variable that has the value; of the kind `file` the path of the file that does. */
  readonly env_var: string;
  readonly kind: SecretKind;
  /** Base64. */
  readonly value: string;
}

/** All that a runner needs to serve its app; it travels over the control socket, never in argv or environment. */
export interface RunnerSpec {
  readonly app: string;
  readonly version: number;
  readonly generation: number;
  /** `production` or `preview-<id>`; offices of the version before do not say, and have the former. */
  readonly environment?: string;
  readonly runtime: 'wasm-http' | 'worker' | 'docker' | 'firecracker';
  /** `StartSpec.wall` */
  readonly wall: IsolationClass | null;
  readonly settings: RunSettings;
  readonly env: Readonly<Record<string, string>>;
  /** Offices of the version before do not say: nothing. */
  readonly grant?: AppGrant;
  /** Base URL of the node, which calls to other apps go through. Offices of the version before do not say: there are none. */
  readonly node?: string;
  /** Of those that are granted, what there is. */
  readonly secrets?: readonly GivenSecret[];
  /** Folder of the verified artifact. */
  readonly artifact_dir: string;
  /** A request without this value in `RUNNER_KEY_HEADER` is answered 403; the header never reaches the app. */
  readonly runner_key: string;
  /** `StartSpec.canWait`; offices of the version before do not say: somebody waits. */
  readonly can_wait?: boolean;
}

/** Header by which the node shows that a request came through it (CONTRACTS §2). */
export const RUNNER_KEY_HEADER = 'tabbify-runner-key';

/** Header by which the node tells an app which other one calls it: `app:<uuid>`. The only one of the platform's that an app sees. */
export const CALLER_HEADER = 'tabbify-caller';
