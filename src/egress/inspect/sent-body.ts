import { Refusal } from './inspection.ts';
import { mayTrail } from './sent-head.ts';

/** Finds the end of a body in bytes that pass. */
export interface SentBody {
  /** It waits for the end of a line that has begun. */
  readonly isWithinLine: boolean;
  /** @returns how many bytes from there on belong to it; fewer than there are: it has ended @throws Refusal */
  take(bytes: Buffer, from: number): number;
  readonly hasEnded: boolean;
}

/** Characters of a chunk's size. */
const MAX_SIZE = 12;
/** Characters of the trailers together. */
const MAX_TRAILERS = 8 * 1024;
const HEX = Buffer.from('0123456789abcdefABCDEF');
const COLON = 58;
const CR = 13;
const LF = 10;

export function bodyOfLength(length: number): SentBody {
  let left = length;
  return {
    isWithinLine: false,
    take(bytes, from) {
      const taken = Math.min(left, bytes.length - from);
      left -= taken;
      return taken;
    },
    get hasEnded() {
      return left === 0;
    },
  };
}

/** In chunks (RFC 9112 §7.1), without extensions, which nobody needs and servers read differently. */
export function chunkedBody(): SentBody {
  let state: 'size' | 'data' | 'dataEnd' | 'trailers' | 'over' = 'size';
  let line = '';
  /** In a trailer: its name is whole. */
  let isNamed = false;
  let left = 0;
  let trailers = 0;

  /** One byte of a line; true: it is whole, and `line` has it. */
  function lineTakes(byte: number): boolean {
    const isEnd = line.endsWith('\r');
    const belongs = isEnd ? byte === LF : byte === CR ? mayEnd() : mayHold(byte);
    if (!belongs) throw new Refusal('a line between its chunks, or behind them, is not as it must be');
    line += String.fromCharCode(byte);
    if (!isEnd) return false;
    line = line.slice(0, -2);
    return true;
  }

  function mayHold(byte: number): boolean {
    if (state === 'size') return HEX.includes(byte);
    if (state !== 'trailers') return false;
    if (isNamed) return byte === 9 || (byte >= 0x20 && byte !== 0x7f);
    isNamed = byte === COLON;
    return mayTrail(isNamed ? line : String.fromCharCode(byte));
  }

  /** A trailer that is no field could be the next request, for a server that knows no trailers. */
  function mayEnd(): boolean {
    return state !== 'trailers' || isNamed || line === '';
  }

  function lineIsWhole(): void {
    if (state === 'size') {
      if (line === '') throw new Refusal('a chunk has no size');
      left = Number.parseInt(line, 16);
      state = left === 0 ? 'trailers' : 'data';
    } else if (state === 'dataEnd') {
      state = 'size';
    } else if (line === '') state = 'over';
    line = '';
    isNamed = false;
  }

  function takeOfLine(byte: number): void {
    const longest = state === 'trailers' ? MAX_TRAILERS : state === 'size' ? MAX_SIZE + 2 : 2;
    if (state === 'trailers') trailers++;
    if (Math.max(line.length, trailers) >= longest)
      throw new Refusal('a line between its chunks is too long');
    if (lineTakes(byte)) lineIsWhole();
  }

  return {
    get isWithinLine() {
      return line !== '';
    },
    get hasEnded() {
      return state === 'over';
    },
    take(bytes, from) {
      let at = from;
      while (at < bytes.length && state !== 'over') {
        if (state !== 'data') {
          takeOfLine(bytes[at] ?? 0);
          at++;
          continue;
        }
        const taken = Math.min(left, bytes.length - at);
        at += taken;
        left -= taken;
        if (left === 0) state = 'dataEnd';
      }
      return at - from;
    },
  };
}
