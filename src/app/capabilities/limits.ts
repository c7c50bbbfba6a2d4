/** What an app may use without being granted more. */
export interface CapabilityLimits {
  /** MiB. */
  readonly memory_mb: number;
  readonly vcpus: number;
  /** MiB that its data may take. */
  readonly data_mb: number;
  /** WebAssembly instructions, more or less. */
  readonly fuel_per_request: number;
}
export type LimitName = keyof CapabilityLimits;

/** Of an office whose policy says nothing else: the largest of what an app has that asks for nothing. */
export const DEFAULT_LIMITS: CapabilityLimits = {
  memory_mb: 512,
  vcpus: 1,
  data_mb: 1024,
  fuel_per_request: 1_000_000_000,
};

export function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(DEFAULT_LIMITS, name);
}
