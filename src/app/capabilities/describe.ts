import { type Capability, parseCapability } from './capability.ts';
import type { AppPattern, HostPattern } from './host-pattern.ts';
import { patternCovers } from './segment-pattern.ts';
import { quotedText, shownText } from './shown-text.ts';

/** A capability as it is shown to a person who decides about it. All of it comes from the line, nothing from a model. */
export interface CapabilityDescription {
  /** Key of the manifest, e.g. `capabilities.http_allow_list`; empty for what no manifest can say. */
  readonly key: string;
  /** What the app may do with it, e.g. "call api.stripe.com". Without control characters. */
  readonly text: string;
  readonly risk: 'high' | 'normal';
  /** What a manifest says to ask for it, with the head of its table; null where none can. */
  readonly manifestLine: string | null;
}

/** Says what a capability is. One that cannot be read is shown whole, as a risk. */
export function describeCapability(line: string): CapabilityDescription {
  const capability = parseCapability(line);
  if (capability === null) {
    return {
      key: '',
      text: `do what is not known here: ${quotedText(line)}`,
      risk: 'high',
      manifestLine: null,
    };
  }
  return describe(capability);
}

function describe(capability: Capability): CapabilityDescription {
  switch (capability.kind) {
    case 'http': {
      const { to, entry } = capability;
      const text = 'app' in to ? `call the app ${to.app}` : `call ${placeText(to, entry)}`;
      return listed('http_allow_list', entry, text, isRisky(to));
    }
    case 'build-network': {
      const text = `reach ${shownText(capability.entry)} while it is built`;
      const line = `[build]\nnetwork = [${quotedText(capability.entry)}]`;
      return described('build.network', text, isRisky(capability.to), line);
    }
    case 'subscribe': {
      const { pattern } = capability;
      return listed('subscribe_segments', pattern, `read the events of ${pattern}`, isConfidential(pattern));
    }
    case 'subscribe-from': {
      const { position } = capability;
      const text = position === 0 ? 'read them from the beginning' : `read them from position ${position} on`;
      const value = position === 0 ? '"beginning"' : position;
      const line = `[capabilities]\nsubscribe_from = ${value}`;
      return described('capabilities.subscribe_from', `of the events that it may read: ${text}`, false, line);
    }
    case 'emit':
      return listed('emit_segments', capability.segment, `write events to ${capability.segment}`, false);
    case 'action': {
      const { action, integration } = capability;
      const through = integration === null ? '' : `@${integration}`;
      const text = `act through ${action}${integration === null ? ', whichever the integration' : through}`;
      return listed('actions', action + through, text, false);
    }
    case 'secret':
      return described('secrets', `get the secret ${capability.name}`, true, secretToml(capability.name));
    case 'secret-for': {
      const { name, entry, to } = capability;
      const text = `have the platform send the secret ${name} to ${shownText(entry)}, without getting it`;
      const line = `[[secrets]]\nname = ${quotedText(name)}\ninject = false\nhosts = [${quotedText(entry)}]`;
      return described('secrets', text, isRisky(to), line);
    }
    case 'visibility': {
      const text = 'be public: anyone who reaches this machine can call it';
      return described('app.visibility', text, true, '[app]\nvisibility = "public"');
    }
    case 'schedule':
      return describeSchedule(capability);
    case 'host': {
      const line = `[[deploy]]\nsupervisor = ${quotedText(capability.supervisor)}`;
      return described('deploy', `run on ${shownText(capability.supervisor)}`, false, line);
    }
    case 'isolation': {
      const text = `run with the weaker isolation \`${capability.isolation}\``;
      return described('runtime.type', text, true, null);
    }
    case 'limit': {
      const { limit, value } = capability;
      const text = `use up to ${value} ${LIMIT_UNITS[limit]}`;
      return described(`runtime.${limit}`, text, false, `[runtime]\n${limit} = ${value}`);
    }
  }
}

const LIMIT_UNITS = {
  memory_mb: 'MiB of memory',
  vcpus: 'processors',
  data_mb: 'MiB of data',
  fuel_per_request: 'instructions for a request',
} as const;

function described(
  key: string,
  text: string,
  isHighRisk: boolean,
  manifestLine: string | null,
): CapabilityDescription {
  return { key, text, risk: isHighRisk ? 'high' : 'normal', manifestLine };
}

function listed(key: string, value: string, text: string, isHighRisk: boolean): CapabilityDescription {
  return described(
    `capabilities.${key}`,
    text,
    isHighRisk,
    `[capabilities]\n${key} = [${quotedText(value)}]`,
  );
}

function placeText({ wildcard, host, literal }: HostPattern, entry: string): string {
  if (wildcard) return `${shownText(entry)}, every host below ${host}`;
  return literal ? `the address ${shownText(entry)}` : shownText(entry);
}

function describeSchedule({
  name,
  cron,
  timezone,
  aim,
}: Extract<Capability, { readonly kind: 'schedule' }>): CapabilityDescription {
  const what = aim.startsWith('/')
    ? `call its path ${quotedText(aim)}`
    : `write an event to ${shownText(aim)}`;
  const text = `${what} by the clock, as ${quotedText(name)}: ${quotedText(cron)}, ${shownText(timezone)}`;
  const rows = [
    ['name', name],
    ['cron', cron],
    ['timezone', timezone],
    [aim.startsWith('/') ? 'path' : 'segment', aim],
  ] as const;
  const line = ['[[schedule]]', ...rows.map(([key, value]) => `${key} = ${quotedText(value)}`)].join('\n');
  return described('schedule', text, false, line);
}

function secretToml(name: string): string {
  const variable = name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  const envVar = /^\d/.test(variable) ? `_${variable}` : variable;
  return `[[secrets]]\nname = ${quotedText(name)}\nenv_var = "${envVar}"`;
}

/** Addresses, names that lead into the own network, and wildcards. */
function isRisky(to: HostPattern | AppPattern): boolean {
  if ('app' in to) return false;
  return (
    to.literal || to.wildcard || !to.host.includes('.') || /\.(?:localhost|local|internal)$/.test(to.host)
  );
}

const CONFIDENTIAL = ['chat', 'approvals', 'secrets'];

/** Does it match events of chats, approvals or secrets (CONTRACTS §6)? The segments below these count as well. */
function isConfidential(pattern: string): boolean {
  const [, second] = pattern.split('.');
  return second === undefined || CONFIDENTIAL.some((name) => patternCovers(second, name));
}
