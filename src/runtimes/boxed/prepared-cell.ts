import { messageOf, TabbifyError } from '../../kit/index.ts';
import type { Prepared, RuntimePlace } from '../runtime.ts';
import { DEFAULT_MEMORY_MB, waitingBounds } from './bounds.ts';
import { Cell, type CellPlan, type OpenBox, openCell } from './cell.ts';
import { notStarted } from './load-into.ts';

/** A cell that waits for its app. */
interface PreparedCell extends Prepared {
  readonly cell: Cell;
}

/** Opens a cell for whatever app comes. */
export async function prepareCell(openBox: OpenBox, place: RuntimePlace): Promise<PreparedCell> {
  const cell = await openCell({ openBox, place, heapMb: DEFAULT_MEMORY_MB, bounds: waitingBounds() });
  return { cell, dispose: async () => void (await cell.end({ kind: 'told' })) };
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
      await prepared.cell.bound(bounds);
      return prepared.cell;
    } catch {
      // its box is not as it must be, or cannot have as much; a new one will do
    }
  }
  await prepared.dispose();
  return null;
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
