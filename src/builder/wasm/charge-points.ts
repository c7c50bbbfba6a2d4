import { MEMORY_GROW_COST } from './fuel.ts';
import { BULK, OP, skipImmediates, skipValueType } from './instructions.ts';
import { type Reader, readByte, readU32 } from './reader.ts';
import { malformed } from './unsupported.ts';

/** A place in a function's body where something is written before the instruction that stands there. */
export interface ChargePoint {
  /** Offset of that instruction. */
  readonly at: number;
  cost: number;
  /** Also look whether the counter has fallen below zero. */
  readonly check: boolean;
  /** Charge for the length on the stack instead. */
  readonly length: 'bytes' | 'entries' | null;
}

/**
 * A run of at most this cost is paid for at the point before it, if that always comes first, and such a point takes on
 * at most `HOISTED_MAX`. So short branches cost no charge of their own. What is overpaid for branches not taken was
 * measured on the JavaScript engine: a quarter; without the exception for `br_table` below it doubled.
 */
const RUN_MAX = 12;
const HOISTED_MAX = 32;

/** 1 where a straight run of instructions ends: control may leave, enter or split there. */
const ENDS_RUN = new Uint8Array(256);
for (const op of [
  OP.unreachable,
  OP.block,
  OP.loop,
  OP.if,
  OP.else,
  OP.try,
  OP.catch,
  OP.throw,
  OP.rethrow,
  OP.end,
  OP.br,
  OP.brIf,
  OP.brTable,
  OP.return,
  OP.delegate,
  OP.catchAll,
]) {
  ENDS_RUN[op] = 1;
}

/** 1 where an instruction costs nothing: it only marks structure. */
const FREE = new Uint8Array(256);
for (const op of [OP.nop, OP.block, OP.end, OP.else, OP.drop]) FREE[op] = 1;

interface Open extends ChargePoint {
  hoisted: number;
}

/**
 * Finds where a function has to pay for what: at its start, at the start of each loop (both with a look at the
 * counter), and before runs too long to be paid for earlier. Every way through the code pays for at least what it does.
 *
 * @param reader at the function's local declarations; afterwards at `end`
 */
export function chargePoints(reader: Reader, end: number): ChargePoint[] {
  for (let groups = readU32(reader); groups > 0; groups -= 1) {
    readU32(reader);
    skipValueType(reader);
  }
  const points: ChargePoint[] = [];
  const open = (at: number, check: boolean): Open => {
    const point: Open = { at, cost: 0, check, length: null, hoisted: 0 };
    points.push(point);
    return point;
  };
  /** The point that was in force before each open block; it comes before whatever follows that block, too. */
  const outside: Open[] = [];
  let point = open(reader.pos, true);
  let run = reader.pos;
  let cost = 0;

  const endRun = (): void => {
    if (cost > 0 && run === point.at) point.cost += cost;
    else if (cost > 0 && cost <= RUN_MAX && point.hoisted + cost <= HOISTED_MAX) {
      point.cost += cost;
      point.hoisted += cost;
    } else if (cost > 0) {
      point = open(run, false);
      point.cost = cost;
    }
    cost = 0;
  };

  while (reader.pos < end) {
    const at = reader.pos;
    const op = readByte(reader);
    const bulk = skipImmediates(reader, op);
    if (FREE[op] === 0) cost += op === OP.memoryGrow ? MEMORY_GROW_COST : 1;
    const length = bulk < BULK.memoryInit ? null : lengthUnit(bulk);
    if (length !== null) points.push({ at, cost: 0, check: true, length });
    if (ENDS_RUN[op] === 0) continue;
    endRun();
    run = reader.pos;
    switch (op) {
      case OP.block:
      case OP.if:
      case OP.try:
        outside.push(point);
        break;
      case OP.loop:
        outside.push(point);
        point = open(run, true);
        break;
      case OP.brTable:
        // One of many ways is taken, often in an interpreter's loop: nobody pays for the others in advance.
        for (const each of [point, ...outside]) each.hoisted = HOISTED_MAX;
        break;
      case OP.else:
      case OP.catch:
      case OP.catchAll:
        point = outside.at(-1) ?? point;
        break;
      case OP.end:
      case OP.delegate:
        point = outside.pop() ?? point;
        break;
    }
  }
  endRun();
  if (reader.pos !== end) throw malformed('an instruction reaches over the end of its function');
  return points.sort((left, right) => left.at - right.at);
}

function lengthUnit(bulk: number): 'bytes' | 'entries' | null {
  switch (bulk) {
    case BULK.memoryInit:
    case BULK.memoryCopy:
    case BULK.memoryFill:
      return 'bytes';
    case BULK.tableInit:
    case BULK.tableCopy:
    case BULK.tableGrow:
    case BULK.tableFill:
      return 'entries';
    default:
      return null;
  }
}
