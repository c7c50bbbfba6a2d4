import { isActionEntry } from '../manifest/action-entry.ts';
import { whyNotEmitted, whyNotSubscribed } from '../segments.ts';
import { type AppPattern, type HostPattern, parseHostEntry } from './host-pattern.ts';
import { ISOLATION_CLASSES, type IsolationClass } from './isolation.ts';
import { isLimitName, type LimitName } from './limits.ts';

/** A line `<kind>:<value>`, taken apart. What only says itself is `plain`. */
export type Capability =
  | { readonly kind: 'http' | 'build-network'; readonly entry: string; readonly to: HostPattern | AppPattern }
  | {
      readonly kind: 'secret-for';
      readonly name: string;
      readonly entry: string;
      readonly to: HostPattern | AppPattern;
    }
  | { readonly kind: 'subscribe'; readonly pattern: string }
  /** A position of the log; 0: its beginning. */
  | { readonly kind: 'subscribe-from'; readonly position: number }
  | { readonly kind: 'emit'; readonly segment: string }
  | { readonly kind: 'action'; readonly action: string; readonly integration: string | null }
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'visibility' }
  | {
      readonly kind: 'schedule';
      readonly name: string;
      readonly cron: string;
      readonly timezone: string;
      /** A path of the app, or a segment. */
      readonly aim: string;
    }
  | { readonly kind: 'host'; readonly supervisor: string }
  | { readonly kind: 'isolation'; readonly isolation: IsolationClass }
  | { readonly kind: 'limit'; readonly limit: LimitName; readonly value: number };

/** The kinds that there are (CONTRACTS §4a). */
export const CAPABILITY_KINDS: readonly Capability['kind'][] = [
  ...([
    'http',
    'subscribe',
    'subscribe-from',
    'emit',
    'action',
    'secret',
    'secret-for',
    'visibility',
  ] as const),
  ...(['schedule', 'host', 'isolation', 'limit', 'build-network'] as const),
];

const SECRET_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const SCHEDULE = /^(.+) ((?:\S+ ){4}\S+|@\S+) (\S+) (\S+)$/s;

/** Takes a line apart; null: it is of no known kind, or says nothing that this kind can say. */
export function parseCapability(line: string): Capability | null {
  const colon = line.indexOf(':');
  if (colon < 0) return null;
  const value = line.slice(colon + 1);
  const kind = line.slice(0, colon);
  switch (kind) {
    case 'http':
    case 'build-network': {
      const to = parseHostEntry(value);
      return to && { kind, entry: value, to };
    }
    case 'secret-for':
      return parseSecretFor(value);
    case 'subscribe':
      return whyNotSubscribed(value) === null ? { kind, pattern: value } : null;
    case 'subscribe-from':
      return parseStart(value);
    case 'emit':
      return whyNotEmitted(value) === null ? { kind, segment: value } : null;
    case 'action': {
      const [action = '', integration = null] = value.split('@');
      return isActionEntry(value) ? { kind, action, integration } : null;
    }
    case 'secret':
      return SECRET_NAME.test(value) ? { kind, name: value } : null;
    case 'visibility':
      return value === 'public' ? { kind } : null;
    case 'schedule': {
      const [, name, cron, timezone, aim] = SCHEDULE.exec(value) ?? [];
      if (name === undefined || cron === undefined || timezone === undefined || aim === undefined)
        return null;
      return { kind, name, cron, timezone, aim };
    }
    case 'host':
      return value === '' ? null : { kind, supervisor: value };
    case 'isolation': {
      const isolation = ISOLATION_CLASSES.find((each) => each === value);
      return isolation === undefined ? null : { kind, isolation };
    }
    case 'limit':
      return parseLimit(value);
    default:
      return null;
  }
}

function parseSecretFor(value: string): Capability | null {
  const at = value.indexOf('@');
  const name = value.slice(0, Math.max(at, 0));
  const entry = value.slice(at + 1);
  const to = SECRET_NAME.test(name) ? parseHostEntry(entry) : null;
  return to && { kind: 'secret-for', name, entry, to };
}

function parseStart(value: string): Capability | null {
  const position = value === 'beginning' ? 0 : wholeNumber(value);
  return position === null ? null : { kind: 'subscribe-from', position };
}

function parseLimit(value: string): Capability | null {
  const [limit = '', number = '', ...more] = value.split('=');
  const parsed = wholeNumber(number);
  if (!isLimitName(limit) || parsed === null || more.length > 0) return null;
  return { kind: 'limit', limit, value: parsed };
}

/** In its one spelling; null for anything else. */
function wholeNumber(text: string): number | null {
  const number = /^(?:0|[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}
