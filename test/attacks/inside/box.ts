import type { Duplex } from 'node:stream';
import { type Box, type BoxBounds, openBox } from '../../../src/sandbox/index.ts';
import type { Inside } from './inside.ts';
import { INSIDE_PROGRAM, NATIVE_FLAGS, overControl } from './native.ts';

const MIB = 1 << 20;

/** What the boxes of attacks are bounded to. */
export const BOUNDS: BoxBounds = {
  memoryBytes: 512 * MIB,
  cpus: 1,
  tasks: 64,
  tmpBytes: 16 * MIB,
  openFiles: 512,
};

const NODE = '/bin/node';
const PROGRAM = '/app/inside.mjs';

/** A box of the product, of the profile `app`, and in it Node with all that it can do. */
export interface NativeBox extends Inside {
  readonly box: Box;
}

/** @param home `TABBIFY_HOME` */
export async function openNativeBox(home: string): Promise<NativeBox> {
  const box = await openBox({
    profile: 'app',
    place: { home },
    label: 'attacked',
    argv: [NODE, ...NATIVE_FLAGS, PROGRAM],
    env: {},
    files: [
      { from: process.execPath, to: NODE },
      { from: INSIDE_PROGRAM, to: PROGRAM },
    ],
    bounds: BOUNDS,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  try {
    await box.verify();
  } catch (error) {
    await box.kill();
    throw error;
  }
  let isOver = false;
  void box.ended.then(() => {
    isOver = true;
  });
  const inside = overControl(
    box.child.stdio[3] as Duplex,
    () => !isOver,
    async () => void (await box.kill()),
  );
  return { ...inside, box };
}
