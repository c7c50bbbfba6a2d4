import { MAX_FILE_CHUNK_BYTES } from '../limits.ts';
import { FileFailure } from './file-failure.ts';

/** The folder `/data` itself among the handles. */
export const ROOT_HANDLE = 0;

/** A time that is set: `now`, seconds since 1970, or left as it is. */
export type NewTime = 'now' | number | null;

/** A name below an open folder. */
interface At {
  readonly at: number;
  readonly path: string;
}

/** Something open, or a name below an open folder. */
type Target = { readonly handle: number } | (At & { readonly follow: boolean });

/**
 * One call for files, a call of `wasi:filesystem` each. Bytes to write are the frame's body. `read`, `append` and `write`
 * take at most 256 KiB.
 */
export type FileRequest =
  | ({
      readonly op: 'open';
      readonly follow: boolean;
      readonly create: boolean;
      readonly exclusive: boolean;
      readonly folder: boolean;
      readonly truncate: boolean;
      readonly read: boolean;
      readonly write: boolean;
      readonly mutate: boolean;
      /** What is on disk before a write is answered. */
      readonly sync: FileSync | null;
    } & At)
  | { readonly op: 'close'; readonly handle: number }
  | { readonly op: 'read'; readonly handle: number; readonly offset: number; readonly length: number }
  | { readonly op: 'write'; readonly handle: number; readonly offset: number }
  | { readonly op: 'append'; readonly handle: number }
  | { readonly op: 'resize'; readonly handle: number; readonly size: number }
  | { readonly op: 'sync'; readonly handle: number; readonly sync: FileSync }
  | ({ readonly op: 'stat' } & Target)
  | ({ readonly op: 'hash' } & Target)
  | ({ readonly op: 'times'; readonly access: NewTime; readonly modified: NewTime } & Target)
  | ({ readonly op: 'make-folder' } & At)
  | ({ readonly op: 'remove-folder' } & At)
  | ({ readonly op: 'unlink' } & At)
  | ({ readonly op: 'read-link' } & At)
  | ({ readonly op: 'rename'; readonly to: number; readonly to_path: string } & At)
  | ({ readonly op: 'link'; readonly follow: boolean; readonly to: number; readonly to_path: string } & At)
  | { readonly op: 'list'; readonly handle: number }
  | { readonly op: 'next'; readonly handle: number };

/** What is brought to disk: the content alone, or all that is known of the file. */
export type FileSync = 'data' | 'all';

/** `wasi:filesystem/types.descriptor-type` */
export type FileKind =
  | 'unknown'
  | 'block-device'
  | 'character-device'
  | 'directory'
  | 'fifo'
  | 'symbolic-link'
  | 'regular-file'
  | 'socket';

/** Seconds since 1970, and nanoseconds of the second. */
export type FileTime = readonly [seconds: number, nanoseconds: number];

export interface FileStat {
  readonly kind: FileKind;
  readonly links: number;
  readonly size: number;
  readonly accessed: FileTime;
  readonly modified: FileTime;
  readonly changed: FileTime;
}

/** An entry of a folder; null: one whose name is no text. */
export type FolderEntry = { readonly kind: FileKind; readonly name: string } | null;

/** What came of a call; what was read is the frame's body. */
export interface FileReply {
  /** A code of `wasi:filesystem`. */
  readonly error?: string;
  readonly handle?: number;
  readonly kind?: FileKind;
  /** Tells the object from others as long as the process lives. */
  readonly object?: string;
  /** Bytes written. */
  readonly size?: number;
  readonly stat?: FileStat;
  /** 32 hexadecimal digits. */
  readonly hash?: string;
  /** None: that were all. */
  readonly entries?: readonly FolderEntry[];
}

/**
 * A call as it came. Whoever sent it may be an app that has got out of WebAssembly: nothing of it is believed.
 *
 * @throws FileFailure `invalid`
 */
export function fileRequestOf(head: Readonly<Record<string, unknown>>): FileRequest {
  const whole = (name: string): number => {
    const value = head[name];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw new FileFailure('invalid');
  };
  const text = (name: string): string => {
    const value = head[name];
    if (typeof value === 'string') return value;
    throw new FileFailure('invalid');
  };
  const is = (name: string): boolean => head[name] === true;
  const sync = head.sync === 'data' || head.sync === 'all' ? head.sync : null;
  const time = (name: string): NewTime => {
    const value = head[name];
    if (value === 'now' || value === null) return value;
    if (typeof value === 'number' && value >= 0 && value < 2 ** 34) return value;
    throw new FileFailure('invalid');
  };
  const at = (): At => ({ at: whole('at'), path: text('path') });
  const target = (): Target =>
    head.handle === undefined ? { ...at(), follow: is('follow') } : { handle: whole('handle') };
  const { op } = head;
  switch (op) {
    case 'open':
      return {
        ...{ op, ...at(), follow: is('follow'), create: is('create'), exclusive: is('exclusive') },
        ...{ folder: is('folder'), truncate: is('truncate'), read: is('read'), write: is('write') },
        ...{ mutate: is('mutate'), sync },
      };
    case 'close':
    case 'append':
    case 'list':
    case 'next':
      return { op, handle: whole('handle') };
    case 'read':
      return {
        ...{ op, handle: whole('handle'), offset: whole('offset') },
        length: Math.min(whole('length'), MAX_FILE_CHUNK_BYTES),
      };
    case 'write':
      return { op, handle: whole('handle'), offset: whole('offset') };
    case 'resize':
      return { op, handle: whole('handle'), size: whole('size') };
    case 'sync':
      return { op, handle: whole('handle'), sync: sync ?? 'all' };
    case 'stat':
      return { op, ...target() };
    case 'hash':
      return { op, ...target() };
    case 'times':
      return { op, ...target(), access: time('access'), modified: time('modified') };
    case 'make-folder':
    case 'remove-folder':
    case 'unlink':
    case 'read-link':
      return { op, ...at() };
    case 'rename':
    case 'link':
      return { op, ...at(), follow: is('follow'), to: whole('to'), to_path: text('to_path') };
    default:
      throw new FileFailure('unsupported');
  }
}
