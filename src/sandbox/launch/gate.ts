import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { freshName, runChild } from '../../kit/index.ts';
import { sandboxError } from '../errors.ts';

/** What a new box waits at until it may run. */
export interface Gate extends Disposable {
  /** Given to the box as the descriptor it waits at. */
  readonly fd: number;
  open(): void;
}

/** A gate that is being made while other things are done; disposing closes it, whatever became of it. */
export interface GateInTheMaking extends AsyncDisposable {
  readonly gate: Promise<Gate>;
}

/** Of the boxes of a folder: made for the next one of them, before anybody has asked for it. */
const ahead = new Map<string, GateInTheMaking>();

/** Begins the gate of the next box whose record will lie in this folder. */
export function readyGate(mkfifo: string, folder: string): void {
  if (!ahead.has(folder)) ahead.set(folder, beginGate(mkfifo, folder));
}

/** The one that was readied, else one that is being made from now on; whoever takes it disposes of it. */
export function nextGate(mkfifo: string, folder: string): GateInTheMaking {
  const readied = ahead.get(folder);
  ahead.delete(folder);
  return readied ?? beginGate(mkfifo, folder);
}

/** As `makeGate`; whoever made it waits for it later, or not at all. */
function beginGate(mkfifo: string, folder: string): GateInTheMaking {
  const gate = makeGate(mkfifo, `${folder}/${freshName()}.tmp`);
  gate.catch(() => {}); // for whoever waits for it
  return {
    gate,
    async [Symbol.asyncDispose]() {
      const made = await gate.catch(() => null);
      made?.[Symbol.dispose]();
    },
  };
}

/**
 * A pipe of which whoever holds the descriptor has both ends: if this process dies, the box waits at it for ever, and the sweep
 * ends it. At an ordinary pipe it would read the end of file, and run without bounds.
 *
 * @param mkfifo the program
 * @param path a name that nothing has; nothing has it afterwards
 */
export async function makeGate(mkfifo: string, path: string): Promise<Gate> {
  const made = await runChild(mkfifo, ['-m', '600', '--', path], { env: {}, timeoutMs: 10_000 });
  if (made.code !== 0) {
    throw sandboxError('box_failed', { what: 'No pipe for a sandbox', why: made.stderr.trim() });
  }
  let fd: number;
  try {
    fd = openSync(path, 'r+');
  } finally {
    rmSync(path, { force: true });
  }
  return {
    fd,
    open: () => void writeSync(fd, '.'),
    [Symbol.dispose]: () => closeSync(fd),
  };
}
