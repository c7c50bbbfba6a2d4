import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** For tests: one entry as a hostile packer may write it. */
export interface RawEntry {
  readonly name: string;
  readonly content?: string | Buffer;
  readonly type?: NonNullable<Parameters<ReturnType<typeof pack>['entry']>[0]['type']>;
  readonly linkname?: string;
  /** What a header in front of it says otherwise. */
  readonly pax?: Readonly<Record<string, string>>;
}

/** A gzipped tar of exactly these entries, in this order, with nothing checked. */
export async function archiveOf(entries: readonly RawEntry[]): Promise<Buffer> {
  return gzipSync(await tarOf(entries));
}

export async function tarOf(entries: readonly RawEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, content = '', type = 'file', linkname, pax } of entries) {
    const size = Buffer.byteLength(content);
    tar.entry({ name, type, size, ...(linkname && { linkname }), ...(pax && { pax: { ...pax } }) }, content);
  }
  tar.finalize();
  return buffer(tar as AsyncIterable<Buffer>);
}
