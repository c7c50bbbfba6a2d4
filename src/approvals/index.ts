export {
  type CapabilityDifference,
  capabilityDifference,
  isWithinGrant,
  newCapabilities,
  type WidenedCapability,
} from './capability-difference.ts';
export { decisionHash } from './decision-hash.ts';
export { decide, type PolicyDecision, type PolicyQuestion } from './policy/decide.ts';
export { type ParsedPolicy, POLICY_FILE, parsePolicy } from './policy/parse-policy.ts';
export { DEFAULT_POLICY, type Policy, type PolicyRule } from './policy/policy.ts';
