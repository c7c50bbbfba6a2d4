export { type DesiredApp, desiredFor } from './desired.ts';
export { type DomainEventContext, domainEvent } from './domain-event.ts';
export { stateError } from './errors.ts';
export type * from './events.ts';
export { applyEvent, foldEvents } from './fold/fold.ts';
export * from './office-state.ts';
export { assertDomainEvent, dataschemaOf, domainSchemas, isDomainType } from './registry.ts';
export { runSettings, runtimeKind } from './schemas/settings.ts';
export { hostSegment, officeSegment } from './segments.ts';
export {
  appByAddress,
  appBySlug,
  appsOf,
  credentialByHash,
  deploymentsOf,
  supervisorsOf,
} from './selectors.ts';
