export {
  type CapabilityDifference,
  capabilityDifference,
  differenceHash,
  isWithinGrant,
  newCapabilities,
  type WidenedCapability,
} from './capability-difference.ts';
export { decide, type PolicyDecision, type PolicyQuestion } from './policy/decide.ts';
export { type ParsedPolicy, POLICY_FILE, parsePolicy } from './policy/parse-policy.ts';
export { DEFAULT_POLICY, type Policy, type PolicyRule } from './policy/policy.ts';
