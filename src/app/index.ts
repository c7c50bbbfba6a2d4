export { type AppGrant, type GrantedSecret, NO_GRANT } from './capabilities/app-grant.ts';
export { CAPABILITY_KINDS, type Capability, parseCapability } from './capabilities/capability.ts';
export { type CapabilitySet, capabilitySet } from './capabilities/capability-set.ts';
export { covers, meaningCovers } from './capabilities/covers.ts';
export { type CapabilityDescription, describeCapability } from './capabilities/describe.ts';
export { hasLostSecret, sameGrantSecrets } from './capabilities/grant-secrets.ts';
export {
  type AppPattern,
  type HostPattern,
  type HostTarget,
  hostEntryAllows,
  parseHostEntry,
  schemesAndPorts,
} from './capabilities/host-pattern.ts';
export { ISOLATION_CLASSES, type IsolationClass } from './capabilities/isolation.ts';
export { type CapabilityLimits, DEFAULT_LIMITS } from './capabilities/limits.ts';
export { requestedCapabilities, secretsOf } from './capabilities/requested.ts';
export { shownText } from './capabilities/shown-text.ts';
export { canonicalAppId, newAppId } from './identity/app-id.ts';
export { appUla } from './identity/app-ula.ts';
export { formatIpv6 } from './identity/ipv6-text.ts';
export { formatLock, LOCK_FILE, type Lock, parseLock, resolveIdentity } from './identity/lock.ts';
export { RESERVED_SLUGS, slugOf } from './identity/slug.ts';
export { formatDiagnostic, strictDiagnostics } from './manifest/diagnostics.ts';
export {
  type KeyChange,
  type ManifestDifference,
  manifestDifference,
  type NamedCapability,
} from './manifest/difference.ts';
export { type Findings, named, quoted } from './manifest/findings.ts';
export { manifestSchema, SCHEMA_FILE } from './manifest/json-schema.ts';
export type { KeyPath } from './manifest/key-path.ts';
export type { KeySpecs } from './manifest/key-spec.ts';
export { type ManifestReader, manifestReader } from './manifest/manifest-reader.ts';
export type * from './manifest/model.ts';
export { openToml } from './manifest/open-toml.ts';
export {
  MANIFEST_FILE,
  MANIFEST_FILES,
  type ParsedManifest,
  type ParseOptions,
  parseManifest,
} from './manifest/parse-manifest.ts';
export { isFilesAlone } from './manifest/read-assets.ts';
export { required as requiredText } from './manifest/read-parts.ts';
export { secretNameOf } from './manifest/secret-reference.ts';
export { stampAppId } from './manifest/stamp-app-id.ts';
export { refuseUnknownKeys } from './manifest/unknown-keys.ts';
export { unusedRequests } from './manifest/unused-requests.ts';
export { RUNTIME_KINDS } from './manifest/values.ts';
export { SECRET_KINDS, type SecretKind } from './secret-kinds.ts';
export { whySegmentIsClosed } from './segments.ts';
