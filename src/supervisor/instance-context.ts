import type { Clock, Logger } from '../kit/index.ts';
import type { AppMemoryStore } from './app-memory.ts';
import type { LaunchOutcome, LaunchRequest } from './launch.ts';
import type { Observer } from './observations.ts';
import type { Outbox } from './outbox.ts';
import type { SupervisorHook } from './points.ts';
import type { Assignment, InstanceStatus, WakeReply } from './protocol.ts';
import type { Traces } from './remove-traces.ts';

/** What an instance needs of the world. */
export interface InstanceContext {
  readonly home: string;
  /** Base URL of the node. */
  readonly nodeUrl: string;
  readonly app: string;
  /** What the log says now; null: not placed here; undefined: nobody has said yet. */
  readonly desired: () => Assignment | null | undefined;
  /** Fetches and verifies the artifact; gives back its folder. */
  readonly prepare: (assignment: Assignment) => Promise<string>;
  readonly launch: (request: LaunchRequest) => Promise<LaunchOutcome>;
  /** Removes the records and the log of an app that has no runner, artifacts that no other app uses, and its data where that is said. */
  readonly removeTraces: (traces: Traces) => Promise<void>;
  readonly memory: AppMemoryStore;
  readonly observer: Observer;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds a replaced runner goes on serving before it is stopped: the node may still hold its address. */
  readonly drainMs: number;
  /** Aborted when the supervisor closes. */
  readonly closing: AbortSignal;
  readonly hook: SupervisorHook;
}

export type WakeResult =
  | { readonly ok: true; readonly reply: WakeReply }
  | { readonly ok: false; readonly failure: StartFailure };

/** Why an app is not up. */
export interface StartFailure {
  readonly generation: number;
  readonly stage: string;
  readonly reason: string;
  /** The one next action, where it is not the usual one. */
  readonly hint?: string | undefined;
  readonly logTail: string[];
  /** Milliseconds since the epoch before which a request does not start it; null: not before a deployment or a reset. */
  readonly retryAt: number | null;
}

/** One app on this host: the runner that serves it, and the steps towards what should be, one at a time. */
export interface Instance {
  /** Steps until the runner is what the log says. */
  converge(): Promise<void>;
  /** One round of the monitor: looks how the runner does, then converges. */
  look(): Promise<void>;
  /** Where it answers, started first if need be. Many calls at once cause one start. */
  wake(): Promise<WakeResult>;
  /** Asked for through the API. */
  stop(): Promise<void>;
  status(): InstanceStatus;
  /** Digests of the artifacts it runs or may run. */
  artifacts(): readonly string[];
  /** Leaves the runner alone; a start under way is given up. */
  close(): Promise<void>;
}
