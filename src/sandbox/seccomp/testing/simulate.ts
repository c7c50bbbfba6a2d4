import { CODE, INSTRUCTION_BYTES, OFFSET } from '../bpf.ts';

/** A system call as a filter sees it. */
export interface SeenCall {
  readonly architecture: number;
  readonly call: number;
  /** Up to six, each of 64 bits; the rest is 0. */
  readonly args: readonly bigint[];
}

/** Instructions of a program of the kernel (BPF_MAXINSNS). */
const MOST = 4096;

/** Bytes of struct seccomp_data. */
const DATA_BYTES = 64;

/**
 * A simulator of classic BPF as seccomp(2) runs it: what does this filter answer to a call?
 *
 * @throws Error for a program that the kernel would not take (`bpf_check_classic`, `seccomp_check_filter`)
 */
export function simulator(program: Uint8Array): (seen: SeenCall) => number {
  const instructions = decode(program);
  instructions.forEach((one, index) => {
    check(one, index, instructions.length);
  });
  return (seen) => run(instructions, dataOf(seen));
}

function run(instructions: readonly Decoded[], data: Buffer): number {
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const instruction = instructions[at];
    if (instruction === undefined) throw new Error('the program runs past its end');
    const { code, ifTrue, ifFalse, operand } = instruction;
    if (code === CODE.RETURN) return operand;
    if (code === CODE.LOAD) accumulator = data.readUInt32LE(operand);
    else if (code === CODE.AND) accumulator = (accumulator & operand) >>> 0;
    else if (code === CODE.JUMP) at += operand;
    else at += holds(code, accumulator, operand) ? ifTrue : ifFalse;
  }
}

interface Decoded {
  readonly code: number;
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly operand: number;
}

function decode(program: Uint8Array): Decoded[] {
  const bytes = Buffer.from(program);
  if (bytes.length % INSTRUCTION_BYTES !== 0) throw new Error('half an instruction');
  return Array.from({ length: bytes.length / INSTRUCTION_BYTES }, (_, index) => {
    const at = index * INSTRUCTION_BYTES;
    return {
      code: bytes.readUInt16LE(at),
      ifTrue: bytes.readUInt8(at + 2),
      ifFalse: bytes.readUInt8(at + 3),
      operand: bytes.readUInt32LE(at + 4),
    };
  });
}

function check({ code, ifTrue, ifFalse, operand }: Decoded, index: number, length: number): void {
  const furthest = code === CODE.JUMP ? operand : Math.max(ifTrue, ifFalse);
  if (length > MOST) throw new Error('too many instructions');
  if (!(Object.values(CODE) as number[]).includes(code)) throw new Error(`no such code: ${code}`);
  if (code === CODE.LOAD && (operand % 4 !== 0 || operand >= DATA_BYTES))
    throw new Error('a load from nowhere');
  if (index + 1 + furthest >= length && code !== CODE.RETURN) throw new Error('a jump past the end');
}

function holds(code: number, accumulator: number, operand: number): boolean {
  if (code === CODE.IF_EQUAL) return accumulator === operand;
  if (code === CODE.IF_AT_LEAST) return accumulator >= operand;
  return (accumulator & operand) !== 0;
}

function dataOf({ architecture, call, args }: SeenCall): Buffer {
  const data = Buffer.alloc(DATA_BYTES);
  data.writeInt32LE(call | 0, OFFSET.call);
  data.writeUInt32LE(architecture, OFFSET.architecture);
  args.forEach((value, n) => {
    data.writeBigUInt64LE(BigInt.asUintN(64, value), OFFSET.lowHalfOfArgument(n));
  });
  return data;
}
