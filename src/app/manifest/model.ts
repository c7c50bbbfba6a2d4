/** Who may call an app without a credential. */
export type Visibility = 'private' | 'public';
export type BuildKind = 'docker' | 'wasm' | 'js';
export type RuntimeKind = 'wasm-http' | 'worker' | 'docker' | 'firecracker';
export type Lifecycle = 'on_request' | 'always_on';
/** `pool`: an instance serves many requests, one at a time; `request`: each request sees a clean instance. */
export type WasmIsolation = 'pool' | 'request';

/** A `tabbify.toml` with every default filled in (CONTRACTS §4). Plain data; made by `parseManifest`. */
export interface Manifest {
  readonly app: {
    readonly id: string | null;
    readonly name: string;
    readonly description: string;
    readonly visibility: Visibility;
  };
  readonly build: {
    readonly kind: BuildKind;
    /** TypeScript or JavaScript module, a path inside the app's folder; null when there is none to bundle. */
    readonly main: string | null;
    /** Folder of static files, a path inside the app's folder. */
    readonly assets: string | null;
    /** Of a docker build: its folder (`.` is the app's own) and its Dockerfile, both inside the app's folder. */
    readonly context: string;
    readonly dockerfile: string;
    /** Name of the supervisor that builds. */
    readonly builder: string | null;
    /** Hosts that a docker build may reach. */
    readonly network: readonly string[];
  };
  readonly runtime: {
    readonly type: RuntimeKind;
    /** False when `runtime.type` was left to the default of the build. */
    readonly typeDeclared: boolean;
    /** Service form: a prebuilt image instead of a build. */
    readonly image: string | null;
    readonly language: string | null;
    readonly lifecycle: Lifecycle;
    readonly idleTimeoutSec: number;
    readonly memoryMb: number;
    readonly vcpus: number;
    /** Component file inside the app's folder. */
    readonly entry: string;
    readonly fuelPerRequest: number;
    readonly isolation: WasmIsolation;
    /** Inside container or guest; null: what the image says. */
    readonly port: number | null;
    readonly stateful: boolean;
    readonly dataMb: number;
  };
  readonly health: { readonly path: string; readonly timeoutSec: number };
  /** `[env]`: plain text values; `secret:NAME` values stay as they are written. */
  readonly env: Readonly<Record<string, string>>;
  readonly deploy: readonly DeployTarget[];
  readonly capabilities: {
    readonly subscribeSegments: readonly string[];
    readonly emitSegments: readonly string[];
    readonly httpAllowList: readonly string[];
    readonly actions: readonly string[];
    readonly subscribeFrom: SubscriptionStart;
  };
  readonly secrets: readonly DeclaredSecret[];
  readonly schedule: readonly Schedule[];
}

/** Where subscriptions begin at the first start: a word, or a position of the log. */
export type SubscriptionStart = 'now' | 'beginning' | number;

export interface DeployTarget {
  readonly supervisor: string;
  /** Null: the app's own `runtime.type`. */
  readonly runtime: RuntimeKind | null;
  readonly env: Readonly<Record<string, string>>;
}

export interface DeclaredSecret {
  readonly name: string;
  /** Empty where the secret is not given to the app. */
  readonly envVar: string;
  readonly required: boolean;
  /** False: only the platform uses it, towards `hosts`. */
  readonly inject: boolean;
  readonly hosts: readonly string[];
}

/** `[[schedule]]`: calls a path of the app, or says an event on a segment; one of the two is null. */
export interface Schedule {
  readonly name: string;
  /** Five fields. */
  readonly cron: string;
  readonly timezone: string;
  readonly path: string | null;
  readonly segment: string | null;
}

/** One finding about a manifest; `line` and `column` count from 1. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What is wrong, e.g. "unknown key `runtime.lifcycle`". */
  readonly message: string;
  /** What to do about it, e.g. "did you mean `lifecycle`? (using default on_request)". */
  readonly hint: string | null;
}
