import type { EventDraft } from '../../log/index.ts';
import { nodeError } from '../errors.ts';
import type { Asker } from './idempotency.ts';

/** Different types of event that one credential may say on all its segments, since the node was started. */
const MAX_TYPES = 1_000;

/**
 * Bounds how many types of event a credential makes up. The log remembers every type for ever, in memory, so that filters
 * are quick; types that an app makes up by the million would fill it, long after their bodies are gone.
 */
interface SaidTypes {
  /** @throws not_allowed when this is one type too many */
  note(asker: Asker, draft: Pick<EventDraft, 'segment' | 'type'>): void;
}

export function createSaidTypes(most = MAX_TYPES): SaidTypes {
  const byCredential = new Map<string, Set<string>>();
  return {
    note({ principal }, { segment, type }) {
      const said = byCredential.get(principal.credentialId) ?? new Set();
      byCredential.set(principal.credentialId, said);
      const name = `${segment} ${type}`;
      if (said.has(name)) return;
      if (said.size >= most) {
        throw nodeError('not_allowed', {
          what: 'The event was not appended',
          why: `'${principal.name}' has said ${most} different types of event, and ${type.slice(0, 80)} would be one more`,
          hint: 'Say what differs in the data; a type is the name of what happened',
        });
      }
      said.add(name);
    },
  };
}
