import type { ChildProcess } from 'node:child_process';

/**
 * What a box lets its program do besides computing. `app`: threads, unix sockets, nothing else; `tool`: also child processes,
 * and a loopback network of its own.
 */
export type ProfileName = 'app' | 'tool';

/** A file or folder of the host that the box shows, read-only unless it is among `writable`. */
export interface ShownFile {
  /** Absolute, on the host. */
  readonly from: string;
  /** Absolute, in the box. */
  readonly to: string;
}

/** What all in a box may have together. */
export interface BoxBounds {
  readonly memoryBytes: number;
  /** Cores, e.g. 0.5; what it may take of the machine over a tenth of a second. */
  readonly cpus: number;
  /** Processes and threads. */
  readonly tasks: number;
  /** Bytes in `/tmp`, which is memory. */
  readonly tmpBytes: number;
  /** Descriptors of one process. */
  readonly openFiles: number;
}

/** What a box is bounded in. */
export type BoxLimit = 'memory' | 'cpu' | 'tasks' | 'tmp' | 'openFiles';

/** `enforced`: going past it is impossible; `best_effort`: it mostly holds; `unsupported`: there is no such bound here. */
export type BoxEnforcement = 'enforced' | 'best_effort' | 'unsupported';

/** Where an office keeps what belongs to its boxes. */
export interface BoxPlace {
  /** `TABBIFY_HOME`. Records of boxes lie in `boxes/` below it. */
  readonly home: string;
}

/** What is started in a box. */
export interface BoxSpec {
  readonly profile: ProfileName;
  readonly place: BoxPlace;
  /** For people: what is in it, e.g. the app's UUID; shown in no place that other users of the machine can read. */
  readonly label: string;
  /** The program, a path in the box, and its arguments. Any user of the machine can read them. */
  readonly argv: readonly string[];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly ShownFile[];
  /** Folders that the box may write to; of the profile `tool` alone. */
  readonly writable?: readonly ShownFile[];
  readonly bounds: BoxBounds;
  /** Nobody waits for it: where there is not enough of the CPU for all, others go first, until `hurry`. A tool always lets them. */
  readonly canWait?: boolean;
  /** As in node:child_process, from standard input on: a number is a descriptor of this process that the box gets. */
  readonly stdio: readonly ('ignore' | 'pipe' | number)[];
  /** Called when bubblewrap has been started and told what to make: all that this process has to do for now. */
  readonly launched?: () => void;
}

/** How what was in a box came to its end. */
export interface BoxEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** `memory`: the kernel ended it at its bound; `killed`: by `kill`; `itself`: anything else. */
  readonly cause: 'memory' | 'killed' | 'itself';
}

/** A program in a box. */
export interface Box {
  /** Its pipes stand in `stdio`, at the places of `BoxSpec.stdio`. */
  readonly child: ChildProcess;
  /** Pid of its first process, on the host. */
  readonly pid: number;
  readonly limits: Readonly<Record<BoxLimit, BoxEnforcement>>;
  /** Resolves once everything in the box is confirmed dead, and what it left on the host is removed. Never rejects. */
  readonly ended: Promise<BoxEnd>;
  /**
   * Reads from outside what holds: namespaces, capabilities, filter, groups. Done before anything of an app is handed over.
   *
   * @throws TabbifyError `box_unsafe` when something of it is not as it must be; the box is dead by then
   */
  verify(): Promise<void>;
  /** Changes its bounds; never above those of the profile's start where only resource limits hold them. @throws TabbifyError `box_unsafe` */
  bound(bounds: BoxBounds): Promise<void>;
  /** From now on it gets its share of the CPU like any other. A hint: what cannot be had is left out. */
  hurry(): void;
  /** Milliseconds of CPU that all in it have used; it never falls. */
  cpuMs(): number;
  /** Bytes of memory that it has now. */
  memoryBytes(): number;
  /** Ends all in it, whatever it does; resolves with `ended`. */
  kill(): Promise<BoxEnd>;
}

/** Why bounds hold less than they could, in words for a person, and what helps. */
export interface BoxLack {
  readonly why: string;
  readonly hint: string;
}

/** What this machine can do. */
export type BoxReport =
  | {
      readonly possible: true;
      readonly limits: Readonly<Record<BoxLimit, BoxEnforcement>>;
      /** Why not all of them are enforced; null: they are. */
      readonly lack: BoxLack | null;
    }
  | {
      readonly possible: false;
      /** In words for a person. */
      readonly why: string;
      readonly hint: string;
    };
