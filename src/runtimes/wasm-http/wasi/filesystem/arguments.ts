import type { NewTime } from '../../../../data/index.ts';
import type { Guest } from '../../guest.ts';
import { WasiFailure } from '../failure.ts';

/*
 * A guest declares the types of what it imports, and nobody has compared them with WASI's: each argument is looked at here.
 */

/** `wasi:filesystem/types.open-flags`, `path-flags` and `descriptor-flags`, as the glue makes them. */
type Flags = Readonly<Record<string, unknown>>;

/** @throws GuestTrap `misuse` */
export function textOf(guest: Guest, value: unknown): string {
  if (typeof value === 'string') return value;
  throw guest.trap('misuse', 'a path that is no text');
}

/** @throws GuestTrap `misuse` */
export function bytesOf(guest: Guest, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw guest.trap('misuse', 'a write of what is no bytes');
}

/** @throws GuestTrap `misuse` */
export function flagsOf(guest: Guest, value: unknown): Flags {
  if (typeof value === 'object' && value !== null) return value as Flags;
  throw guest.trap('misuse', 'flags that are none');
}

/**
 * A place in a file, or its length.
 *
 * @throws WasiFailure `file-too-large` for what no file of an app is
 */
export function sizeOf(guest: Guest, value: unknown): number {
  if (typeof value !== 'bigint') throw guest.trap('misuse', 'a number that is none');
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new WasiFailure('file-too-large');
  return Number(value);
}

/** A number for which all that is too large is the same. @throws GuestTrap `misuse` */
export function wholeOf(guest: Guest, value: unknown): number {
  if (typeof value !== 'bigint') throw guest.trap('misuse', 'a number that is none');
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

/** `new-timestamp` */
export function newTimeOf(guest: Guest, value: unknown): NewTime {
  const { tag, val } = flagsOf(guest, value) as { readonly tag?: unknown; readonly val?: unknown };
  if (tag === 'no-change') return null;
  if (tag === 'now') return 'now';
  const { seconds, nanoseconds } = flagsOf(guest, val);
  if (tag !== 'timestamp' || typeof seconds !== 'bigint' || typeof nanoseconds !== 'number')
    throw guest.trap('misuse', 'a time that is none');
  if (nanoseconds >= 1e9 || seconds >= 2n ** 34n) throw new WasiFailure('invalid');
  return Number(seconds) + nanoseconds / 1e9;
}
