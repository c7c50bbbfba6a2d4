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
    /** TypeScript or JavaScript module, a path inside the app's folder; null when a component is shipped. */
    readonly main: string | null;
  };
  readonly runtime: {
    readonly type: RuntimeKind;
    /** False when `runtime.type` was left to the default of the build. */
    readonly typeDeclared: boolean;
    readonly lifecycle: Lifecycle;
    readonly idleTimeoutSec: number;
    readonly memoryMb: number;
    /** Component file inside the app's folder. */
    readonly entry: string;
    readonly fuelPerRequest: number;
    readonly isolation: WasmIsolation;
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
  };
  readonly secrets: readonly DeclaredSecret[];
}

export interface DeployTarget {
  readonly supervisor: string;
  /** Null: the app's own `runtime.type`. */
  readonly runtime: RuntimeKind | null;
  readonly env: Readonly<Record<string, string>>;
}

export interface DeclaredSecret {
  readonly name: string;
  readonly envVar: string;
  readonly required: boolean;
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
