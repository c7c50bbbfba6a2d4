export {
  type CapabilityDifference,
  capabilityDifference,
  differenceHash,
  isWithinGrant,
  newCapabilities,
  type WidenedCapability,
} from './capability-difference.ts';
