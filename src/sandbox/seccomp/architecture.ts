/** What a filter must know of an architecture. */
export interface CallArchitecture {
  /** Its column in the table of numbers. */
  readonly column: 'x64' | 'arm64';
  /** As the kernel names it to a filter: include/uapi/linux/audit.h. */
  readonly audit: number;
  /** Numbers from here on are calls of another kind that the same processor takes; null: there are none. */
  readonly otherKindFrom: number | null;
}

/** By `process.arch`. */
export const CALL_ARCHITECTURES: Readonly<Partial<Record<NodeJS.Architecture, CallArchitecture>>> = {
  // x32: the calls of x86_64 with 32-bit pointers (__X32_SYSCALL_BIT of asm/unistd.h).
  x64: { column: 'x64', audit: 0xc000003e, otherKindFrom: 0x4000_0000 },
  arm64: { column: 'arm64', audit: 0xc00000b7, otherKindFrom: null },
};
