import { messageOf, TabbifyError } from '../../kit/index.ts';
import type { BoxBounds } from '../../sandbox/index.ts';
import type { Prepared, RuntimePlace } from '../runtime.ts';
import { DEFAULT_MEMORY_MB, waitingBounds } from './bounds.ts';
import { type Cell, type CellFit, type CellPlan, type OpenBox, openCell } from './cell.ts';
import { notStarted } from './load-into.ts';
import type { GuestProgram } from './protocol.ts';
import { openRehearsal } from './rehearsal.ts';

/** A cell that waits for its app. */
interface PreparedCell extends Prepared {
  /** Rejects when it did not come up. */
  readonly waiting: Promise<Cell>;
  /** Its bounds, which were looked at when it was opened. */
  readonly bounds: BoxBounds;
}

/** What a cell has that waits for an app of either kind. */
export const WAITING: CellFit = { heapMb: DEFAULT_MEMORY_MB, bounds: waitingBounds() };

/**
 * Opens a cell before its app is there.
 *
 * @param kind of the app, where that is known
 * @param canWait does nobody wait for the app yet?
 * @returns as soon as others are at work on it
 */
export async function prepareCell(
  openBox: OpenBox,
  place: RuntimePlace,
  fit: CellFit,
  kind: GuestProgram['kind'] | null,
  canWait: boolean,
): Promise<PreparedCell> {
  const { promise: launched, resolve } = Promise.withResolvers<void>();
  const { promise: opened, resolve: isOpen } = Promise.withResolvers<void>();
  const plan = { openBox, place, kind, canWait, ...fit, launched: resolve, opened: isOpen };
  const waiting = openCell(plan).then((cell) => {
    if (kind !== null) return cell;
    cell.expect('component');
    cell.rehearse();
    return cell;
  });
  await Promise.race([launched, waiting]);
  return {
    waiting,
    bounds: fit.bounds,
    async rehearsal() {
      await Promise.race([opened, waiting]);
      return openRehearsal(place.sockets);
    },
    async dispose() {
      const cell = await waiting.catch(() => null); // what did not come up has left nothing
      await cell?.end({ kind: 'told' });
    },
  };
}

/** The cell that waited for an app. Null: there is none, or it cannot be made fit for this app, and is gone. */
export async function takePrepared(
  { heapMb, bounds, canWait }: CellPlan,
  prepared: Prepared | null,
): Promise<Cell | null> {
  if (prepared === null) return null;
  if (isWaiting(prepared)) {
    try {
      const cell = await prepared.waiting;
      if (cell.heapMb === heapMb && !cell.isOver) {
        if (!canWait) cell.hurry();
        if (!isSame(prepared.bounds, bounds)) await cell.bound(bounds);
        return cell;
      }
    } catch {
      // its box did not come up, is not as it must be, or cannot have as much; a new one will do
    }
  }
  await prepared.dispose();
  return null;
}

function isSame(one: BoxBounds, other: BoxBounds): boolean {
  return Object.entries(one).every(([name, value]) => other[name as keyof BoxBounds] === value);
}

function isWaiting(prepared: Prepared): prepared is PreparedCell {
  return 'waiting' in prepared;
}

/** @throws TabbifyError `start_failed` */
export async function newCell(plan: CellPlan): Promise<Cell> {
  try {
    return await openCell(plan);
  } catch (error) {
    throw notStarted(
      messageOf(error),
      (error instanceof TabbifyError ? error.hint : undefined) ?? 'See `tabbify doctor`',
      error,
    );
  }
}
