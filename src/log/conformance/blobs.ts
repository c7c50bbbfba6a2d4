import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { codeOf, draft, type MakeLog, range, withLog } from './harness.ts';

const MAX_BLOB_BYTES = 16 * 1024 * 1024;
const nothing = `sha256:${'0'.repeat(64)}`;
const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Blobs: what is too large for an envelope (CONTRACTS §6, "Size and life"). */
export function blobCases(make: MakeLog): void {
  test('a blob is stored under its digest and comes back byte for byte', () =>
    withLog(make, async (log) => {
      for (const bytes of [
        new Uint8Array(0),
        Buffer.from([0, 255, 13, 10, 0]),
        Buffer.alloc(300_000, 'ü☃'),
      ]) {
        const ref = await log.putBlob('default', bytes, 'application/octet-stream');
        expect(ref).toEqual({
          digest: digestOf(bytes),
          size: bytes.byteLength,
          mediatype: 'application/octet-stream',
        });
        expect(Buffer.from(await log.readBlob('default', ref.digest)).equals(Buffer.from(bytes))).toBe(true);
      }
    }));

  test('the same bytes again, also many times at once, are the same blob', () =>
    withLog(make, async (log) => {
      const bytes = Buffer.from('the same');
      const refs = await Promise.all(range(1, 8).map(() => log.putBlob('default', bytes, 'text/plain')));
      refs.push(await log.putBlob('default', bytes, 'text/plain'));
      expect(new Set(refs.map((ref) => ref.digest))).toEqual(new Set([digestOf(bytes)]));
      expect(Buffer.from(await log.readBlob('default', digestOf(bytes))).toString()).toBe('the same');
    }));

  test('a blob of 16 MiB is kept, a larger one is refused', () =>
    withLog(make, async (log) => {
      const bytes = Buffer.alloc(MAX_BLOB_BYTES, 7);
      const { digest } = await log.putBlob('default', bytes, 'video/mp4');
      expect((await log.readBlob('default', digest)).byteLength).toBe(MAX_BLOB_BYTES);
      const over = log.putBlob('default', Buffer.alloc(MAX_BLOB_BYTES + 1), 'video/mp4');
      await expect(over).rejects.toMatchObject({ code: 'blob_too_large', status: 413 });
    }));

  test('a blob belongs to its office: another does not find it, nor may its events name it', () =>
    withLog(make, async (log) => {
      const { digest } = await log.putBlob('default', Buffer.from('canary'), 'text/plain');
      expect(await codeOf(log.readBlob('other', digest))).toBe('blob_missing');
      expect(await codeOf(log.append(draft({ tenant: 'other', dataref: digest })))).toBe('blob_missing');
      expect(await log.head()).toBe(0);
    }));

  test('a blob that was never stored is missing, and what is no digest is refused', () =>
    withLog(make, async (log) => {
      expect(await codeOf(log.readBlob('default', nothing))).toBe('blob_missing');
      for (const digest of ['sha256:abc', nothing.toUpperCase(), '../../../etc/passwd']) {
        expect(await codeOf(log.readBlob('default', digest)), digest).toBe('query_invalid');
      }
    }));

  test('an event that names a stored blob is appended and carries the name', () =>
    withLog(make, async (log) => {
      const { digest } = await log.putBlob('default', Buffer.from('large'), 'text/plain');
      await log.append(draft({ dataref: digest }));
      expect((await log.read({})).events[0]?.dataref).toBe(digest);
    }));

  test('an event that names a blob which is not stored is refused, and the id is free for the next try', () =>
    withLog(make, async (log) => {
      const bytes = Buffer.from('late');
      const event = draft({ dataref: digestOf(bytes) });
      const error = await log.append(event).catch((e) => e);
      expect(error).toMatchObject({ code: 'blob_missing', status: 409 });
      expect(error.hint).toMatch(/blob first/);
      expect(await log.head()).toBe(0);
      await log.putBlob('default', bytes, 'text/plain');
      expect(await log.append(event)).toEqual({ position: 1, duplicate: false });
    }));

  test('the order of checks: the id, then the expectation, then the blob', () =>
    withLog(make, async (log) => {
      const known = draft({ subject: 'known' });
      await log.append(known);
      const on = { subject: 'known', dataref: nothing };
      // A known id wins over everything, whatever else is wrong.
      for (const expectedPosition of [undefined, 0, 1, 99]) {
        const again = { ...known, dataref: nothing };
        const options = expectedPosition === undefined ? {} : { expectedPosition };
        expect(await log.append(again, options)).toEqual({ position: 1, duplicate: true });
      }
      expect(await codeOf(log.append(draft(on), { expectedPosition: 0 }))).toBe('position_conflict');
      expect(await codeOf(log.append(draft(on), { expectedPosition: 1 }))).toBe('blob_missing');
      expect(await codeOf(log.append(draft(on)))).toBe('blob_missing');
      expect(await log.append(draft({ subject: 'known' }), { expectedPosition: 1 })).toEqual({
        position: 2,
        duplicate: false,
      });
    }));

  test('blobs are still there when the log is opened again', () =>
    withLog(make, async (log, reopen) => {
      const { digest } = await log.putBlob('default', Buffer.from('kept'), 'text/plain');
      const again = await reopen();
      expect(Buffer.from(await again.readBlob('default', digest)).toString()).toBe('kept');
      expect((await again.append(draft({ dataref: digest }))).position).toBe(1);
    }));
}
