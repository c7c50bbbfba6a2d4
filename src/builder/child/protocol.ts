import type { BuildStep } from '../build-step.ts';

/** What the build process is asked to do: one JSON line on its stdin, which then stays open as long as it is wanted. */
export interface ChildRequest {
  /** Folder of the unpacked version; only read. */
  readonly sourceDir: string;
  /** Empty folder for the artifact. */
  readonly artifactDir: string;
  /** Empty folder that is removed afterwards. */
  readonly scratchDir: string;
  readonly task: BuildTask;
  /** Null when nothing is to be installed. */
  readonly npm: NpmSettings | null;
  /** How the artifact gets out: its files stay in `artifactDir`, or are said as messages. */
  readonly handOver: 'folder' | 'messages';
}

/** Asked before the request, of a process that waits for one: to load its tools. It says `ready` when it has. */
export interface Preparation {
  /** A component of ours to try the tools on; null: those for components are not loaded. */
  readonly component: string | null;
}

/**
 * What is made; `install`: nothing but the packages, in `source/node_modules` below the scratch folder.
 * `dev`: those for its tests as well.
 */
export type BuildTask = ArtifactTask | { readonly kind: 'install'; readonly dev?: true };

/** Of what an artifact is made; paths are inside `sourceDir`. */
export type ArtifactTask =
  | { readonly kind: 'module'; readonly main: string }
  | {
      readonly kind: 'wasm-http';
      /** A module to bundle, a component to take as it is, or an engine without an app. */
      readonly input: { readonly main: string } | { readonly component: string } | { readonly engine: true };
      /** MiB. */
      readonly memoryMb: number;
      /** Compiled engine code, shared between builds (it depends on the platform's packages alone). */
      readonly engineCacheDir: string;
    };

/** How packages are fetched: the office's own npm configuration, without its credentials. */
export interface NpmSettings {
  /** `npm-cli.js`, run by the node that runs the build. */
  readonly cli: string;
  /** Ends with `/`. */
  readonly registry: string;
  /** npm's built-in default: lockfiles made with it mean "the configured registry". Ends with `/`. */
  readonly publicRegistry: string;
  readonly cafile: string | null;
  /** Where npm's own configuration is, what counts most first; read outside of the box alone. */
  readonly configFiles: readonly string[];
  /** Packages fetched before; npm verifies each against the lockfile's integrity. */
  readonly cacheDir: string;
  /** Where it has no other way to the registry: the address that stands for it there, and the proxy that knows it. */
  readonly through: { readonly registry: string; readonly proxy: string } | null;
}

/** What the build process says, one JSON line each, on file descriptor `MESSAGES_FD`. */
export type ChildMessage =
  /** To a `Preparation`. */
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly step: BuildStep; readonly detail: string }
  /** A file of the artifact; behind the line come its bytes, as many as it says. */
  | { readonly type: 'file'; readonly name: string; readonly bytes: number }
  | { readonly type: 'done' }
  | {
      readonly type: 'failed';
      /** The author's to mend (`author`) or the platform's (`platform`). */
      readonly fault: 'author' | 'platform';
      readonly what: string;
      readonly why: string | undefined;
      readonly hint: string | undefined;
    };

/**
 * Messages have a channel of their own: the engine lets code of the app run while it is loaded, and what that prints
 * goes to stdout.
 */
export const MESSAGES_FD = 3;

/** How a build says what it is at. */
export type Say = (step: BuildStep, detail: string) => void;
