import { type Capability, parseCapability } from './capability.ts';
import { meaningCovers } from './covers.ts';

/** Capabilities that are compared with many others; each is read once, and with what it can have to do with alone. */
export interface CapabilitySet {
  /** Does one of them cover this one? */
  covers(requested: string): boolean;
  /** Those that this one covers. */
  within(granted: string): readonly string[];
}

export function capabilitySet(lines: readonly string[]): CapabilitySet {
  const all = new Set(lines);
  const related = new Map<string, { readonly line: string; readonly meaning: Capability }[]>();
  for (const line of all) {
    const meaning = parseCapability(line);
    if (meaning === null) continue;
    const others = related.get(subject(meaning));
    if (others === undefined) related.set(subject(meaning), [{ line, meaning }]);
    else others.push({ line, meaning });
  }
  return {
    covers(requested) {
      if (all.has(requested)) return true;
      const request = parseCapability(requested);
      if (request === null) return false;
      return (related.get(subject(request)) ?? []).some(({ meaning }) => meaningCovers(meaning, request));
    },
    within(granted) {
      const grant = parseCapability(granted);
      if (grant === null) return all.has(granted) ? [granted] : [];
      return (related.get(subject(grant)) ?? [])
        .filter(({ line, meaning }) => line === granted || meaningCovers(grant, meaning))
        .map(({ line }) => line);
    },
  };
}

/** Capabilities of different subjects never cover each other. */
function subject(capability: Capability): string {
  switch (capability.kind) {
    case 'secret-for':
    case 'secret':
      return `${capability.kind} ${capability.name}`;
    case 'action':
      return `action ${capability.action}`;
    case 'schedule':
      return `schedule ${capability.name}`;
    case 'emit':
      return `emit ${capability.segment}`;
    case 'host':
      return `host ${capability.supervisor}`;
    default:
      return capability.kind;
  }
}
