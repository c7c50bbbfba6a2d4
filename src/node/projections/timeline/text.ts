import type { Json, StoredEvent } from '../../../log/index.ts';

/** Characters of one event that can be found; a log tail longer than this is findable by its beginning. */
const MAX_TEXT = 2_000;

/**
 * Parts of data that nobody searches for: settings and environments repeat with every version and every placement, and
 * digests are found by the event's position.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'env',
  'settings',
  'runtime',
  'token_sha256',
  'digest',
  'version_digest',
  'builder_digest',
  'artifact_digest',
  'artifact_prefix',
  'prefix',
  'ula',
  'address',
  'lifecycle',
  'tags',
]);

/**
 * The words under which an event is found: those of its envelope, the name of the app it is about, and what it says.
 * Of a sealed event the envelope alone: its body is written nowhere else.
 *
 * @param appName name of the app in `data.app`; null when it is not known
 */
export function textOf(event: StoredEvent, appName: string | null): string {
  const { type, segment, subject, actor, data } = event;
  const parts = [type, inWords(type), segment, subject, actor];
  if (appName !== null && appName !== data.name) parts.push(appName);
  if (event.sealedby === undefined) gather(data, parts);
  return parts.join(' ').slice(0, MAX_TEXT);
}

/** `TelegramMessageReceived` is also found as `telegram`. */
function inWords(type: string): string {
  return type.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2');
}

function gather(value: Json, parts: string[], key = ''): void {
  if (typeof value === 'string') parts.push(value);
  else if (typeof value === 'number') {
    if (key === 'version') parts.push(`version ${value} v${value}`);
    else if (key === 'status') parts.push(String(value));
  } else if (Array.isArray(value)) {
    for (const each of value as readonly Json[]) gather(each, parts, key);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) if (!LEFT_OUT.has(name)) gather(part, parts, name);
  }
}
