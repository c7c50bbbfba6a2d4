import { whyNotEmitted, whyNotSubscribed } from '../segments.ts';
import { isActionEntry } from './action-entry.ts';
import { type Findings, quoted } from './findings.ts';
import { hostEntryProblem } from './host-entry.ts';
import type { KeyPath } from './key-path.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { Manifest, SubscriptionStart } from './model.ts';

/** Of one list: more than a person reads, and each is compared with each of what was granted before. */
const MAX_ENTRIES = 100;

/** `[capabilities]`. An entry that is none is an error: left alone it would deny in silence what was meant to be asked for. */
export function readCapabilities(reader: ManifestReader, findings: Findings): Manifest['capabilities'] {
  const list = (key: string, check: (entry: string) => Wrong | null) =>
    readList(reader, findings, ['capabilities', key], check);
  return {
    subscribeSegments: list('subscribe_segments', (entry) =>
      wrong(whyNotSubscribed(entry), 'write e.g. "tenant_*.chat"'),
    ),
    emitSegments: list('emit_segments', (entry) => wrong(whyNotEmitted(entry), 'write e.g. "tenant_*.code"')),
    httpAllowList: readHosts(reader, findings, ['capabilities', 'http_allow_list']),
    actions: list('actions', (entry) =>
      isActionEntry(entry)
        ? null
        : { why: 'an action is `<service>:<action>`', hint: 'write e.g. "telegram:send"' },
    ),
    subscribeFrom: readStart(reader, findings),
  };
}

/** A list of entries as in `http_allow_list`. */
export function readHosts(reader: ManifestReader, findings: Findings, path: KeyPath): readonly string[] {
  return readList(reader, findings, path, hostEntryProblem);
}

interface Wrong {
  readonly why: string;
  readonly hint: string;
}

function wrong(why: string | null, hint: string): Wrong | null {
  return why === null ? null : { why, hint };
}

function readList(
  reader: ManifestReader,
  findings: Findings,
  path: KeyPath,
  check: (entry: string) => Wrong | null,
): readonly string[] {
  const entries = reader.texts(path);
  if (entries.length > MAX_ENTRIES) {
    const what = `\`${path.at(-1)}\` has ${entries.length} entries`;
    findings.atValue(path, what, `at most ${MAX_ENTRIES} are allowed`);
    return [];
  }
  entries.forEach((entry, index) => {
    const found = check(entry);
    if (found !== null) {
      findings.atValue([...path, index], `${quoted(entry)} in \`${path.at(-1)}\`: ${found.why}`, found.hint);
    } else if (entries.indexOf(entry) < index) {
      findings.atKey('warning', [...path, index], `${quoted(entry)} is listed twice`, 'remove one');
    }
  });
  return [...new Set(entries)];
}

function readStart(reader: ManifestReader, findings: Findings): SubscriptionStart {
  const path = ['capabilities', 'subscribe_from'];
  const value = reader.value(path);
  if (value === undefined) return 'now';
  if (value === 'now' || value === 'beginning') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  findings.atValue(
    path,
    `\`capabilities.subscribe_from\` cannot be ${quoted(value)}`,
    'allowed: `now`, `beginning`, or a position of the log such as 1200',
  );
  return 'now';
}
