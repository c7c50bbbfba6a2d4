export * from './deployment-machine.ts';
export { type DesiredApp, desiredFor } from './desired.ts';
export { canonicalJson } from './document/canonical-json.ts';
export { stateDocument } from './document/state-document.ts';
export { type DomainEventContext, domainEvent } from './domain-event.ts';
export type { DomainType } from './domain-type.ts';
export { stateError } from './errors.ts';
export type * from './events.ts';
export { applyEvent, foldEvents } from './fold/fold.ts';
export { grantedNow, isGranted, isPublic, mayBePublic, mayCall, requestsOf } from './grants.ts';
export * from './office-state.ts';
export { assertDomainEvent, classOf, dataschemaOf, domainTypes, isDomainType } from './registry.ts';
export { runSettings, runtimeKind } from './schemas/settings.ts';
export { hostSegment, officeSegment } from './segments.ts';
export {
  appByAddress,
  appBySlug,
  approvalsOf,
  appsOf,
  credentialByHash,
  credentialById,
  credentialsOf,
  deploymentsOf,
  isGone,
  officesOf,
  placementsOf,
  primaryOf,
  rotationOf,
  sessionsOf,
  supervisorsOf,
  versionInPlace,
} from './selectors.ts';
export { FOLD_FOLDER, hashOfCode, type SourceFile } from './snapshot/code-hash.ts';
export { decodeSnapshot, encodeSnapshot } from './snapshot/snapshot.ts';
export { upcast } from './upcast.ts';
