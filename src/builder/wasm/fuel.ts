import { OP } from './instructions.ts';
import { signedLeb, unsignedLeb, type Writer, writeByte, writeBytes } from './writer.ts';

/**
 * What a module may burn before its host has set its counter for the first time: its start function and initialisers.
 * As much as `fuel_per_request` gives a request by default.
 */
export const START_FUEL = 1_000_000_000n;

/** `memory.grow` asks the operating system for memory; a thousand plain instructions is the order of that. */
export const MEMORY_GROW_COST = 1000;

/** Bytes a bulk memory instruction moves for one unit of fuel, as a power of two: 8, what a plain store moves. */
const BULK_BYTES_SHIFT = 3;

/** Writes the instructions that charge fuel, for the counter and the scratch global of one module. */
export interface Charges {
  /** Subtracts `cost`; with `check`, traps when the counter has fallen below zero. */
  charge(writer: Writer, cost: number, check: boolean): void;
  /** Charges for the i32 length on top of the stack, leaves it there, and checks. */
  chargeLength(writer: Writer, unit: 'bytes' | 'entries'): void;
}

/**
 * @param fuel index of the i64 global that counts down
 * @param scratch index of an i32 global used only within one charge
 */
export function createCharges(fuel: number, scratch: number): Charges {
  const get = [OP.globalGet, ...unsignedLeb(fuel)];
  const set = [OP.globalSet, ...unsignedLeb(fuel)];
  const getScratch = [OP.globalGet, ...unsignedLeb(scratch)];
  const setScratch = [OP.globalSet, ...unsignedLeb(scratch)];
  const prefix = Uint8Array.from([...get, OP.i64Const]);
  const suffix = Uint8Array.from([OP.i64Sub, ...set]);
  const trap = Uint8Array.from([...get, OP.i64Const, 0, OP.i64LtS, OP.if, 0x40, OP.unreachable, OP.end]);
  const keepLength = Uint8Array.from([...setScratch, ...getScratch, ...get, ...getScratch, OP.i64ExtendI32U]);
  const toUnits = Uint8Array.from([OP.i64Const, BULK_BYTES_SHIFT, OP.i64ShrU]);
  return {
    charge(writer, cost, check) {
      if (cost > 0) {
        writeBytes(writer, prefix);
        if (cost < 64) writeByte(writer, cost);
        else writeBytes(writer, signedLeb(BigInt(cost)));
        writeBytes(writer, suffix);
      }
      if (check) writeBytes(writer, trap);
    },
    chargeLength(writer, unit) {
      writeBytes(writer, keepLength);
      if (unit === 'bytes') writeBytes(writer, toUnits);
      writeBytes(writer, suffix);
      writeBytes(writer, trap);
    },
  };
}
