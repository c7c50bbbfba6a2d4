/** One instruction of classic BPF (struct sock_filter): code, how many instructions to skip if it holds or not, an operand. */
export type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

/** The codes used here, as the kernel composes them (include/uapi/linux/bpf_common.h). */
export const CODE = {
  LOAD: 0x20, // BPF_LD | BPF_W | BPF_ABS
  AND: 0x54, // BPF_ALU | BPF_AND | BPF_K
  JUMP: 0x05, // BPF_JMP | BPF_JA
  IF_EQUAL: 0x15, // BPF_JMP | BPF_JEQ | BPF_K
  IF_AT_LEAST: 0x35, // BPF_JMP | BPF_JGE | BPF_K
  IF_ANY_BIT: 0x45, // BPF_JMP | BPF_JSET | BPF_K
  RETURN: 0x06, // BPF_RET | BPF_K
} as const;

/** Where the kernel has what a filter sees (struct seccomp_data). Both architectures are little-endian. */
export const OFFSET = {
  call: 0,
  architecture: 4,
  lowHalfOfArgument: (n: number): number => 16 + 8 * n,
} as const;

/** What a filter answers (include/uapi/linux/seccomp.h). */
export const ANSWER = {
  allow: 0x7fff0000,
  /** Ends the whole process. */
  kill: 0x80000000,
  errno: (errno: number): number => 0x00050000 | errno,
} as const;

/** Bytes of an instruction. */
export const INSTRUCTION_BYTES = 8;

export const load = (offset: number): Instruction => [CODE.LOAD, 0, 0, offset];
export const and = (bits: number): Instruction => [CODE.AND, 0, 0, bits];
export const jump = (skip: number): Instruction => [CODE.JUMP, 0, 0, skip];
export const ifEqual = (value: number, skip: number, orSkip: number): Instruction => [
  CODE.IF_EQUAL,
  skip,
  orSkip,
  value,
];
export const ifAtLeast = (value: number, skip: number, orSkip: number): Instruction => [
  CODE.IF_AT_LEAST,
  skip,
  orSkip,
  value,
];
export const ifAnyBit = (bits: number, skip: number, orSkip: number): Instruction => [
  CODE.IF_ANY_BIT,
  skip,
  orSkip,
  bits,
];
export const answer = (value: number): Instruction => [CODE.RETURN, 0, 0, value];

/** The program as the kernel takes it: an array of struct sock_filter. */
export function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(program.length * INSTRUCTION_BYTES);
  program.forEach(([code, ifTrue, ifFalse, operand], index) => {
    const at = index * INSTRUCTION_BYTES;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(ifTrue, at + 2);
    bytes.writeUInt8(ifFalse, at + 3);
    bytes.writeUInt32LE(operand >>> 0, at + 4);
  });
  return bytes;
}
