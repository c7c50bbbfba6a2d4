import { type Capability, covers, parseCapability, schemesAndPorts } from '../../app/index.ts';
import { starMatches, starPatternsMeet } from '../../kit/index.ts';

/** `whole`: all that a capability allows is what the rule is about; `part`: some of it is. */
export type RuleMatch = 'whole' | 'part' | 'none';

/** Those of which a rule that names a wide one is about every narrow one. Of the others, limits for example, it is the other way round. */
const KINDS_OF_SETS: readonly Capability['kind'][] = [
  ...(['http', 'build-network', 'secret-for', 'subscribe', 'action'] as const),
];

/**
 * Is a rule about a capability? By its text, in which `*` of the rule stands for any characters; and by its meaning, so that nobody gets
 * round a rule by asking for more than it names: `http:*.example.com` is in part what `http:db.example.com` is about,
 * and `limit:memory_mb=4096` what `limit:memory_mb=2048` is about. In doubt it is `part`, which only ever makes a decision stricter.
 */
export function ruleMatch(match: string, capability: string): RuleMatch {
  if (starMatches(match, capability)) return 'whole';
  const parsed = parseCapability(capability);
  if (parsed !== null && KINDS_OF_SETS.includes(parsed.kind) && covers(match, capability)) return 'whole';
  if (covers(capability, match)) return 'part';
  return spellings(capability, parsed).some((text) => meets(match, text)) ? 'part' : 'none';
}

function meets(match: string, text: string): boolean {
  return text.includes('*') ? starPatternsMeet(match, text) : starMatches(match, text);
}

/** Other texts under which a rule may mean what a capability allows. */
function spellings(text: string, capability: Capability | null): readonly string[] {
  switch (capability?.kind) {
    case 'http':
    case 'build-network':
    case 'secret-for': {
      const { to, entry } = capability;
      if ('app' in to) return [text];
      const before = text.slice(0, text.length - entry.length);
      const name = to.host.includes(':') ? `[${to.host}]` : to.host;
      const host = to.wildcard ? `*.${name}` : name;
      return schemesAndPorts(to).flatMap(({ scheme, port }) =>
        [host, `${scheme}://${host}`, `${host}:${port}`, `${scheme}://${host}:${port}`].map(
          (each) => before + each,
        ),
      );
    }
    case 'action': {
      const bare = `action:${capability.action}`;
      return capability.integration === null ? [text, `${bare}@*`] : [text, bare];
    }
    default:
      return [text];
  }
}
