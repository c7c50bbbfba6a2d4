import type { ProfileName } from './box.ts';

/** What a kind of box has besides the files it is given; what its filter lets through stands in `seccomp/`. */
export interface BoxProfile {
  /** A `/proc` of its own process namespace. It tells of the machine as well, so only who needs it has it. */
  readonly proc: boolean;
  /** Folders that may be given to write to. */
  readonly writable: boolean;
  /** Folders of memory besides `/tmp`, for what the program is told and its files must not show on any disk. */
  readonly memory: readonly { readonly path: string; readonly bytes: number }[];
  /** Folder its program starts in. */
  readonly folder: string;
}

export const BOX_PROFILES: Readonly<Record<ProfileName, BoxProfile>> = {
  app: { proc: false, writable: false, memory: [{ path: '/run/secrets', bytes: 4 << 20 }], folder: '/' },
  tool: { proc: true, writable: true, memory: [], folder: '/tmp' },
};

/** Its host name, whatever the machine is called. */
export const BOX_HOSTNAME = 'box';
/** User and group of whatever is in a box, as it sees itself: nobody. */
export const UID_INSIDE = 65_534;
/** All devices there are in a box; a `/dev` of bubblewrap's making would be memory that can be written to without a bound. */
export const BOX_DEVICES = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom'] as const;
