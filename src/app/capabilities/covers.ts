import { type Capability, parseCapability } from './capability.ts';
import { hostEntryCovers } from './host-pattern.ts';
import { isAsStrong } from './isolation.ts';
import { patternCovers } from './segment-pattern.ts';

/**
 * Is all that `requested` allows allowed by `granted`? Both are capabilities, `<kind>:<value>`:
 *
 * - `http`, `build-network`, and `secret-for` of one secret: by host, scheme and port, as entries of the allow list
 * - `subscribe`: by segments; `*` is any run of characters within one token
 * - `subscribe-from`: an earlier position covers a later one
 * - `action`: without an integration it covers each
 * - `isolation`: a weaker class covers a stronger one
 * - `limit`: a number covers a lower one
 * - everything else, and text that says nothing known, covers itself alone
 */
export function covers(granted: string, requested: string): boolean {
  if (granted === requested) return true;
  const [grant, request] = [parseCapability(granted), parseCapability(requested)];
  return grant !== null && request !== null && meaningCovers(grant, request);
}

/** The same of two that were read and are not the same text. */
export function meaningCovers(grant: Capability, request: Capability): boolean {
  switch (grant.kind) {
    case 'http':
    case 'build-network':
      return request.kind === grant.kind && hostEntryCovers(grant.to, request.to);
    case 'secret-for':
      return (
        request.kind === 'secret-for' && request.name === grant.name && hostEntryCovers(grant.to, request.to)
      );
    case 'subscribe':
      return request.kind === 'subscribe' && patternCovers(grant.pattern, request.pattern);
    case 'subscribe-from':
      return request.kind === 'subscribe-from' && grant.position <= request.position;
    case 'action':
      return request.kind === 'action' && request.action === grant.action && grant.integration === null;
    case 'isolation':
      return request.kind === 'isolation' && isAsStrong(request.isolation, grant.isolation);
    case 'limit':
      return request.kind === 'limit' && request.limit === grant.limit && request.value <= grant.value;
    default:
      return false;
  }
}
