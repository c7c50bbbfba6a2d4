/**
 * Where an attack finds what it is not to reach. Made by the harness on the host; crosses into the box as JSON, with the code.
 * No secret itself stands here: an attack reports what it could read, and the harness looks for the secrets in the report.
 */
export interface Targets {
  /** Files of the host with a secret in each: the office's, other apps', other users'. */
  readonly secretFiles: readonly string[];
  /** Folders that hold such files. */
  readonly folders: readonly string[];
  /** Files that are not to be changed. */
  readonly victimFiles: readonly string[];
  /** On the host's 127.0.0.1. */
  readonly tcpPort: number;
  readonly udpPort: number;
  /** Listening unix sockets of the host, one of them a runner's control socket. */
  readonly sockets: readonly string[];
  /** Name of a listening abstract unix socket, without the leading zero byte. */
  readonly abstractSocket: string;
  /** Processes of the host that are not to be harmed, of the harness's own user. */
  readonly victims: readonly number[];
  /** Text in the environment of those processes is a secret. */
  readonly environOf: readonly number[];
}

/** What code that runs natively in a box can do: call the kernel by itself. */
export interface Kernel {
  /**
   * One system call.
   *
   * @param args numbers, or bytes of which it gets the address; at most six
   * @returns its result, or the negated errno
   */
  call(name: string, ...args: (number | bigint | Uint8Array)[]): number;
  /** Address of the bytes. */
  at(bytes: Uint8Array): bigint;
}

/**
 * Code that runs inside. Its source is what is sent, so it uses nothing but its arguments and what Node has: `get` is
 * `process.getBuiltinModule`. Whatever it returns goes out as JSON; what it throws is held against nobody.
 */
export type AttackCode = (targets: Targets, get: typeof process.getBuiltinModule, kernel: Kernel) => unknown;

/** What is left out of a box so that an attack comes through: by that it is known that the attack is seen. */
export type Hole =
  /** The host's files are there. */
  | 'files'
  /** The host's network, and with it its abstract sockets. */
  | 'network'
  /** The host's processes. */
  | 'processes'
  /** No filter of system calls. */
  | 'filter'
  /** Nothing is around it. */
  | 'box';

/** One attempt to get out, or to harm others. */
export interface Attack {
  /** What is tried, in a few words. */
  readonly name: string;
  /**
   * `app`: as the app of a runner, with both layers around it, and once more as a component that has got out of WebAssembly;
   * `box`: natively in a box, without Node's permission model.
   */
  readonly layers: readonly ('app' | 'box')[];
  readonly code: AttackCode;
  /**
   * What of the report shows that it succeeded, beyond what the harness looks for after every attack (secrets in the report,
   * bytes at its listeners, dead victims, changed files).
   */
  readonly crossed?: (report: unknown) => readonly string[];
  /** With this left out of the box, natively, the attack must be seen. */
  readonly hole?: Hole;
}

export type Layer = 'app' | 'component' | 'box';

/** Where an attack is tried. */
export function layersOf({ layers }: Attack): readonly Layer[] {
  return layers.flatMap((layer): Layer[] => (layer === 'app' ? ['app', 'component'] : [layer]));
}

/** Attacks that report what they succeeded in: anything they say is held against the box. */
export const whatItNames = (report: unknown): readonly string[] =>
  Array.isArray(report) ? report.map(String) : [`no report: ${JSON.stringify(report)}`];
