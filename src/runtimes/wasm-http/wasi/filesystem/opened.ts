import type { FileKind, FileStat } from '../../../../data/index.ts';
import type { Answered } from './app-files.ts';
import type { OpenedFile } from './opened-file.ts';

/** `descriptor-flags` */
export interface DescriptorFlags {
  readonly read: boolean;
  readonly write: boolean;
  readonly fileIntegritySync: boolean;
  readonly dataIntegritySync: boolean;
  readonly requestedWriteSync: boolean;
  readonly mutateDirectory: boolean;
}

/** What a descriptor stands for. */
export interface Opened {
  /** Null: `/data` itself, on whatever connection there is. */
  readonly file: OpenedFile | null;
  readonly kind: FileKind;
  /** Tells objects of one connection apart. */
  readonly object: string;
  readonly flags: DescriptorFlags;
}

const NO_FLAGS: DescriptorFlags = {
  ...{ read: false, write: false, mutateDirectory: false },
  ...{ fileIntegritySync: false, dataIntegritySync: false, requestedWriteSync: false },
};

/** `descriptor-flags` of which some are set. */
export function descriptorFlags(flags: Readonly<Record<string, unknown>>): DescriptorFlags {
  const set = Object.keys(NO_FLAGS).map((name) => [name, flags[name] === true] as const);
  return { ...NO_FLAGS, ...Object.fromEntries(set) };
}

/** `/data` itself. */
export const ROOT: Opened = {
  file: null,
  kind: 'directory',
  object: 'root',
  flags: descriptorFlags({ read: true, mutateDirectory: true }),
};

/** A folder in which nothing can be changed. */
export const READ_ONLY_ROOT: Opened = { ...ROOT, flags: descriptorFlags({ read: true }) };

/** `descriptor-stat` */
export function descriptorStat({ reply }: Answered): object {
  const { kind, links, size, accessed, modified, changed } = reply.stat as FileStat;
  const time = ([seconds, nanoseconds]: FileStat['changed']): object => ({
    seconds: BigInt(seconds),
    nanoseconds,
  });
  return {
    type: kind,
    linkCount: BigInt(links),
    size: BigInt(size),
    dataAccessTimestamp: time(accessed),
    dataModificationTimestamp: time(modified),
    statusChangeTimestamp: time(changed),
  };
}

/** `metadata-hash-value` */
export function metadataHash({ reply }: Answered): object {
  const digits = (reply.hash ?? '').padStart(32, '0');
  return { lower: BigInt(`0x${digits.slice(16, 32)}`), upper: BigInt(`0x${digits.slice(0, 16)}`) };
}
