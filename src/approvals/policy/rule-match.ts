import { type Capability, meaningCovers, parseCapability, schemesAndPorts } from '../../app/index.ts';
import { starMatches, starPatternsMeet } from '../../kit/index.ts';

/** `whole`: all that a capability allows is what the rule is about; `part`: some of it is. */
export type RuleMatch = 'whole' | 'part' | 'none';

/** Those of which a rule that names a wide one is about every narrow one. Of the others, limits for example, it is the other way round. */
const KINDS_OF_SETS: readonly Capability['kind'][] = [
  ...(['http', 'build-network', 'secret-for', 'subscribe', 'action'] as const),
];

/** The `match` of a rule, read once for many capabilities. */
export interface ReadMatch {
  readonly match: string;
  readonly meaning: Capability | null;
}

export function readMatch(match: string): ReadMatch {
  return { match, meaning: parseCapability(match) };
}

/** A capability, read once for many rules. */
export interface ReadCapability {
  readonly text: string;
  readonly meaning: Capability | null;
  /** Texts under which a rule may mean what it allows. */
  readonly spellings: readonly string[];
}

export function readCapability(text: string): ReadCapability {
  const meaning = parseCapability(text);
  return { text, meaning, spellings: spellings(text, meaning) };
}

/**
 * Is a rule about a capability? By its text, in which `*` of the rule stands for any characters; and by its meaning, so that nobody gets
 * round a rule by asking for more than it names: `http:*.example.com` is in part what `http:db.example.com` is about,
 * and `limit:memory_mb=4096` what `limit:memory_mb=2048` is about. In doubt it is `part`, which only ever makes a decision stricter.
 */
export function ruleMatch(rule: ReadMatch, { text, meaning, spellings }: ReadCapability): RuleMatch {
  const { match } = rule;
  if (starMatches(match, text)) return 'whole';
  if (rule.meaning !== null && meaning !== null) {
    if (KINDS_OF_SETS.includes(meaning.kind) && meaningCovers(rule.meaning, meaning)) return 'whole';
    if (meaningCovers(meaning, rule.meaning)) return 'part';
  }
  return spellings.some((each) => meets(match, each)) ? 'part' : 'none';
}

function meets(match: string, text: string): boolean {
  return text.includes('*') ? starPatternsMeet(match, text) : starMatches(match, text);
}

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
