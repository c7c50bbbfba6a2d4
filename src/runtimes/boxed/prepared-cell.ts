import { messageOf, TabbifyError } from '../../kit/index.ts';
import type { BoxBounds } from '../../sandbox/index.ts';
import type { Prepared, RuntimePlace } from '../runtime.ts';
import { DEFAULT_MEMORY_MB, waitingBounds } from './bounds.ts';
import { Cell, type CellFit, type CellPlan, type OpenBox, openCell } from './cell.ts';
import { notStarted } from './load-into.ts';
import type { GuestProgram } from './protocol.ts';

/** A cell that waits for its app. */
interface PreparedCell extends Prepared {
  readonly cell: Cell;
  /** Its bounds, which were looked at when it was opened. */
  readonly bounds: BoxBounds;
}

/** What a cell has that waits for an app of either kind. */
export const WAITING: CellFit = { heapMb: DEFAULT_MEMORY_MB, bounds: waitingBounds() };

/** Opens a cell before its app is there. @param kind of the app, where that is known */
export async function prepareCell(
  openBox: OpenBox,
  place: RuntimePlace,
  fit: CellFit,
  kind: GuestProgram['kind'] | null,
): Promise<PreparedCell> {
  const cell = await openCell({ openBox, place, ...fit });
  if (kind !== 'module') cell.expectComponent();
  return { cell, bounds: fit.bounds, dispose: async () => void (await cell.end({ kind: 'told' })) };
}

/**
 * A cell for a start: the one that waited for it, where it can be made fit, else a new one. What waited is used up, whatever becomes of it.
 *
 * @throws TabbifyError `start_failed`
 */
export async function cellFor(plan: CellPlan, prepared: Prepared | null): Promise<Cell> {
  return (await takePrepared(plan, prepared)) ?? (await opened(plan));
}

/** Null: there is none, or it cannot be used for this app, and is gone. */
async function takePrepared({ heapMb, bounds }: CellPlan, prepared: Prepared | null): Promise<Cell | null> {
  if (prepared === null) return null;
  if (isCell(prepared) && prepared.cell.heapMb === heapMb && !prepared.cell.isOver) {
    try {
      if (!isSame(prepared.bounds, bounds)) await prepared.cell.bound(bounds);
      return prepared.cell;
    } catch {
      // its box is not as it must be, or cannot have as much; a new one will do
    }
  }
  await prepared.dispose();
  return null;
}

function isSame(one: BoxBounds, other: BoxBounds): boolean {
  return Object.entries(one).every(([name, value]) => other[name as keyof BoxBounds] === value);
}

function isCell(prepared: Prepared): prepared is PreparedCell {
  return 'cell' in prepared && prepared.cell instanceof Cell;
}

async function opened(plan: CellPlan): Promise<Cell> {
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
