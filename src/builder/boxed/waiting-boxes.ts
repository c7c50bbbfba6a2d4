import { totalmem } from 'node:os';
import { createHolds } from '../../kit/index.ts';
import type { WaitingBox } from './waiting-box.ts';

const MIB = 2 ** 20;
/** A smaller machine's memory is for apps: what is sold as 4 GiB, less what the kernel keeps. */
const MACHINE_BYTES = 3_800 * MIB;
/** A box that waits has some 200 MiB. */
const ROOM_BYTES = 1024 * MIB;
/** While less is available the machine is short, and the box is given back. */
const SHORT_BYTES = 512 * MIB;
/** Milliseconds after the last build: what was built starts then, which is not to be slowed down. */
const QUIET_MS = 1_000;
/** How often the machine's memory is looked at, and one that did not come up is tried again, in milliseconds. */
const CHECK_MS = 10_000;

/** Bytes that the machine has, or the control group of the office. */
export interface BuildMemory {
  readonly availableBytes: number;
  readonly totalBytes: number;
}

/** How a box is kept waiting; what is left out is as it is for an office. */
export interface WaitingOptions {
  readonly memory?: () => BuildMemory;
  readonly quietMs?: number;
  readonly checkMs?: number;
}

/** Keeps one box waiting for the next build. */
export interface WaitingBoxes {
  /** The box, which may be at its tools yet: that is never slower than one more. Whoever has it ends it. Null: there is none now. */
  take(): WaitingBox | null;
  /** None is prepared until what this gives back is called: builds are under way. */
  hold(): () => void;
  /** Ends the one that waits, for good; resolves when nothing is left of it. One that was taken is another's to end. */
  close(): Promise<void>;
}

/** @param open starts one */
export function createWaitingBoxes(
  open: () => Promise<WaitingBox>,
  options: WaitingOptions = {},
): WaitingBoxes {
  const { memory = machineMemory, quietMs = QUIET_MS, checkMs = CHECK_MS } = options;
  let box: WaitingBox | null = null;
  let preparing: Promise<void> | null = null;
  let isClosed = false;
  let quiet: NodeJS.Timeout | undefined;
  const leaving = new Set<Promise<void>>();

  const give = (): WaitingBox | null => {
    const given = box;
    box = null;
    return given;
  };

  /** Ends the one that waits. */
  const giveBack = (): void => {
    const left = give()?.end();
    if (left === undefined) return;
    leaving.add(left);
    void left.finally(() => leaving.delete(left));
  };

  const prepare = async (): Promise<void> => {
    const opened = await open();
    box = opened;
    void opened.gone.then(() => {
      if (box === opened) giveBack(); // it died: `check` sees to another one
    });
    if (isClosed) giveBack();
  };

  const fill = (): void => {
    if (isClosed || holds.areThere || box !== null || preparing !== null || !hasRoom(memory())) return;
    preparing = prepare()
      .catch(() => {}) // a build says what is wrong with boxes here
      .finally(() => {
        preparing = null;
      });
  };

  const fillLater = (): void => {
    clearTimeout(quiet);
    if (!isClosed) quiet = setTimeout(fill, quietMs).unref();
  };

  const check = setInterval(() => {
    if (memory().availableBytes < SHORT_BYTES) giveBack();
    else fill();
  }, checkMs).unref();
  const holds = createHolds(fillLater);
  fillLater();

  return {
    take: give,
    hold: holds.take,
    async close() {
      isClosed = true;
      clearTimeout(quiet);
      clearInterval(check);
      giveBack();
      await preparing;
      await Promise.all(leaving);
    },
  };
}

function hasRoom({ availableBytes, totalBytes }: BuildMemory): boolean {
  return totalBytes >= MACHINE_BYTES && availableBytes >= ROOM_BYTES;
}

function machineMemory(): BuildMemory {
  const total = totalmem();
  return {
    availableBytes: Math.min(process.availableMemory(), total),
    totalBytes: Math.min(process.constrainedMemory() || total, total),
  };
}
