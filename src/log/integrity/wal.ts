import { readFileSync } from 'node:fs';

/** Bytes of the header of the write-ahead log and of a frame (https://www.sqlite.org/fileformat2.html#the_write_ahead_log). */
const WAL_HEADER = 32;
const FRAME_HEADER = 24;
const MAGIC_LITTLE = 0x377f0682;
const MAGIC_BIG = 0x377f0683;
const PAGE = 4096;

/** What a write-ahead log looks like beside what SQLite takes from it. */
export interface WalReport {
  /** Nothing that was acknowledged is missing. */
  readonly sound: boolean;
  /**
   * At least one commit was followed by another one, so it was acknowledged, and SQLite will not take it. Otherwise it
   * may as well be the last commit, cut by a power failure before it was acknowledged.
   */
  readonly lost: boolean;
  readonly why: string | null;
}

const SOUND: WalReport = { sound: true, lost: false, why: null };

/**
 * SQLite takes the frames of a write-ahead log up to the first whose checksum fails and passes over the rest in
 * silence, as after a power cut. Commits behind that frame tell a damaged disk from a cut.
 *
 * @param path of the `-wal` file; a missing or empty one is sound
 */
export function walReport(path: string): WalReport {
  const bytes = contentOf(path);
  if (bytes.length < WAL_HEADER + FRAME_HEADER + PAGE) return SOUND;
  const magic = bytes.readUInt32BE(0);
  const words = bytes.subarray(0, WAL_HEADER);
  const big = magic === MAGIC_BIG;
  const headerSum = checksum(words.subarray(0, 24), [0, 0], big);
  const intact =
    (big || magic === MAGIC_LITTLE) &&
    bytes.readUInt32BE(8) === PAGE &&
    headerSum[0] === bytes.readUInt32BE(24) &&
    headerSum[1] === bytes.readUInt32BE(28);
  // With a damaged header the salts are those of the first frame.
  const at = intact ? 16 : WAL_HEADER + 8;
  const salts: Pair = [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
  const good = intact ? goodFrames(bytes, salts, headerSum, big) : 0;
  const commits = commitsFrom(bytes, salts, good);
  if (commits === 0 && intact) return SOUND;
  const what = intact ? `the write-ahead log is damaged at frame ${good + 1}` : 'its header is damaged';
  return {
    sound: false,
    lost: commits > 1,
    why: `of the write-ahead log ${commits} commit${commits === 1 ? '' : 's'} cannot be read: ${what}`,
  };
}

const FRAME = FRAME_HEADER + PAGE;

/** How many frames SQLite takes. */
function goodFrames(bytes: Buffer, salts: Pair, headerSum: Pair, big: boolean): number {
  let sum = headerSum;
  let frames = 0;
  for (let offset = WAL_HEADER; offset + FRAME <= bytes.length; offset += FRAME, frames++) {
    const frame = bytes.subarray(offset, offset + FRAME);
    if (frame.readUInt32BE(8) !== salts[0] || frame.readUInt32BE(12) !== salts[1]) break;
    sum = checksum(frame.subarray(FRAME_HEADER), checksum(frame.subarray(0, 8), sum, big), big);
    if (sum[0] !== frame.readUInt32BE(16) || sum[1] !== frame.readUInt32BE(20)) break;
  }
  return frames;
}

/** Commits in the frames after the first `passed`. */
function commitsFrom(bytes: Buffer, salts: Pair, passed: number): number {
  let commits = 0;
  for (let offset = WAL_HEADER + passed * FRAME; offset + FRAME <= bytes.length; offset += FRAME) {
    // What an earlier round left has other salts, both; a flipped bit changes one of the two.
    const own = bytes.readUInt32BE(offset + 8) === salts[0] || bytes.readUInt32BE(offset + 12) === salts[1];
    if (own && bytes.readUInt32BE(offset + 4) !== 0) commits++;
  }
  return commits;
}

type Pair = readonly [number, number];

/** The checksum of the format, over 32-bit words in the byte order that its magic number says. */
function checksum(bytes: Buffer, [before, beforeToo]: Pair, big: boolean): Pair {
  let a = before;
  let b = beforeToo;
  for (let offset = 0; offset < bytes.length; offset += 8) {
    const first = big ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset);
    const second = big ? bytes.readUInt32BE(offset + 4) : bytes.readUInt32LE(offset + 4);
    a = (a + first + b) >>> 0;
    b = (b + second + a) >>> 0;
  }
  return [a, b];
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
