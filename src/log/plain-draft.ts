import type { EventDraft } from './envelope.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TYPE = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/;
const SEGMENT = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;
const TENANT = /^[a-z0-9][a-z0-9-]{0,62}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** One line of printable ASCII; other scripts are left to the schema. */
const ASCII_LINE = /^[\x20-\x7e]{1,512}$/;
/** Printable ASCII without a space, after the kind of actor. */
const ACTOR = /^(system|(user|agent|app|supervisor):[\x21-\x7e]{1,240})$/;
const VERSION = /^[1-9]\d{0,5}$/;
/** UTC; of 29 February only the schema knows in which years it is. */
const TIME =
  /^\d{4}-((0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$/;

const text = (pattern: RegExp, most: number) => (value: unknown) =>
  typeof value === 'string' && value.length <= most && pattern.test(value);

const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  id: text(UUID, 36),
  source: text(ASCII_LINE, 512),
  type: text(TYPE, 128),
  subject: text(ASCII_LINE, 512),
  time: text(TIME, 30),
  dataschema: (value) => typeof value === 'string',
  data: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  segment: text(SEGMENT, 255),
  tenant: text(TENANT, 63),
  actor: text(ACTOR, 255),
  causationid: text(ASCII_LINE, 512),
  correlationid: text(ASCII_LINE, 512),
  class: (value) => value === 'traffic',
  dataref: text(DIGEST, 71),
  sealedby: text(ASCII_LINE, 512),
};

const REQUIRED = 10;
const OPTIONAL = new Set(['causationid', 'correlationid', 'class', 'dataref', 'sealedby']);
const PREFIX = 'tabbify:';

/**
 * Is this certainly a valid draft? A check by hand for the usual case, which takes a fraction of the schema's time.
 * False says nothing: the schema decides. Whatever passes here passes there (a property test holds them together).
 */
export function isPlainDraft(input: unknown): input is EventDraft {
  if (typeof input !== 'object' || input === null || Object.getPrototypeOf(input) !== Object.prototype) {
    return false;
  }
  const draft = input as Record<string, unknown>;
  let required = 0;
  for (const key in draft) {
    const check = Object.hasOwn(CHECKS, key) ? CHECKS[key] : undefined;
    if (check === undefined || !check(draft[key])) return false;
    if (!OPTIONAL.has(key)) required++;
  }
  if (required !== REQUIRED) return false;
  const { type, dataschema } = draft as { type: string; dataschema: string };
  const version = PREFIX.length + type.length;
  return (
    dataschema.startsWith(PREFIX) &&
    dataschema.startsWith(type, PREFIX.length) &&
    dataschema[version] === '/' &&
    VERSION.test(dataschema.slice(version + 1))
  );
}
