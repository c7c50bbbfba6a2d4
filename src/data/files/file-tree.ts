import { randomBytes } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
} from 'node:fs';
import { MAX_FILE_DEPTH, MAX_FILE_PATH_BYTES, MAX_FILES, PAGE_BYTES } from '../limits.ts';
import { inFolder } from './beneath.ts';
import { FileFailure } from './file-failure.ts';
import { chargeOf, chargeOfEntry, countIn, type Reach } from './usage.ts';

const ROOT = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const NOTHING: Reach = { depth: 0, pathBytes: 0 };

/** A file that is open, once for all that have it open. */
export interface OpenNode {
  readonly id: string;
  size: number;
  opens: number;
  /** It has no name any more: it is gone with the last that has it open. */
  isNameless: boolean;
}

/**
 * The folder behind `/data` of one (app, environment), and what is counted of it. One process alone changes it, one call after the other; so what
 * is looked at here stays true until the call is done.
 */
export class FileTree {
  /** The folder itself. */
  readonly root: number;
  /** For values that tell objects apart and nothing else. */
  readonly salt = randomBytes(16);
  /** What all connections have open. */
  opened = 0;
  readonly #maxBytes: () => number;
  readonly #nodes = new Map<string, OpenNode>();
  #bytes: number;
  #entries: number;

  /**
   * @param path of the folder; made when it is not there
   * @param maxBytes that files may take at the moment
   * @throws what the system says
   */
  constructor(path: string, maxBytes: () => number) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    this.root = openSync(path, ROOT);
    this.#maxBytes = maxBytes;
    const { bytes, entries } = countIn(this.root);
    this.#bytes = bytes;
    this.#entries = entries;
  }

  /** Bytes of the quota that all of it takes. */
  get bytes(): number {
    return this.#bytes;
  }

  get entries(): number {
    return this.#entries;
  }

  /**
   * Room for a new entry at a place.
   *
   * @param below what comes with it
   * @throws FileFailure `quota`; `name-too-long` where it would lie too deep
   */
  checkEntry(folder: number, name: string): void {
    this.checkReach(folder, name, NOTHING);
    if (this.#entries >= MAX_FILES) throw new FileFailure('quota');
  }

  /** @throws FileFailure `name-too-long` where something that reaches so far below a place would lie too deep */
  checkReach(folder: number, name: string, below: Reach): void {
    const at = readlinkSync(inFolder(folder, null)).slice(readlinkSync(inFolder(this.root, null)).length);
    const depth = at.split('/').length + below.depth;
    const bytes = Buffer.byteLength(at) + Buffer.byteLength(name) + below.pathBytes;
    if (depth > MAX_FILE_DEPTH || bytes > MAX_FILE_PATH_BYTES) throw new FileFailure('name-too-long');
  }

  /** @throws FileFailure `quota` */
  take(bytes: number): void {
    if (bytes > 0 && this.#bytes + bytes > this.#maxBytes()) throw new FileFailure('quota');
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes = Math.max(0, this.#bytes - bytes);
  }

  /** Lets go of the folder. What is open of it is somebody else's. */
  close(): void {
    closeSync(this.root);
  }

  /** A name was made. */
  named(): void {
    this.#entries++;
  }

  /** A name is gone. @param entry what it named, as it was before */
  unnamed(entry: BigIntStats): void {
    this.#entries = Math.max(0, this.#entries - 1);
    if (!entry.isFile()) {
      this.give(PAGE_BYTES);
      return;
    }
    if (entry.nlink > 1n) return; // it has other names
    const node = this.#nodes.get(idOf(entry));
    if (node === undefined) this.give(chargeOfEntry(entry));
    else node.isNameless = true;
  }

  /** A file was opened. */
  enter(entry: BigIntStats): OpenNode {
    const id = idOf(entry);
    const node = this.#nodes.get(id) ?? { id, size: Number(entry.size), opens: 0, isNameless: false };
    node.opens++;
    this.#nodes.set(id, node);
    return node;
  }

  leave(node: OpenNode): void {
    if (--node.opens > 0) return;
    this.#nodes.delete(node.id);
    if (node.isNameless) this.give(chargeOf(node.size));
  }

  /**
   * Changes how long a file is.
   *
   * @param change does it
   * @throws FileFailure `quota`, before anything is changed
   */
  resize<Value>(node: OpenNode, fd: number, size: number, change: () => Value): Value {
    const before = chargeOf(node.size);
    this.take(Math.max(0, chargeOf(size) - before));
    const taken = Math.max(before, chargeOf(size));
    try {
      return change();
    } finally {
      node.size = Number(fstatSync(fd, { bigint: true }).size); // it may have been done in part
      this.#bytes += chargeOf(node.size) - taken;
    }
  }
}

export function idOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}
