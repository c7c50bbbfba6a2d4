import { z } from 'zod';
import { type EventDraft, type JsonObject, MAX_ENVELOPE_BYTES } from './envelope.ts';
import { logError } from './errors.ts';
import { isPlainDraft } from './plain-draft.ts';

/** Text without control characters, line separators or lone surrogates: it stands in SSE lines and in indices. */
const line = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u, 'must be one line of text');

const uuid = z
  .string()
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    'must be a UUID in lower-case letters',
  );

const type = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/,
    'must be a name such as `app_registered`, at most 128 characters',
  );

const segment = z
  .string()
  .max(255)
  .regex(
    /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/,
    'must be lower-case tokens joined by dots, e.g. `tenant_default.apps`',
  );

const data = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be a JSON object',
);

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be `sha256:` and 64 hexadecimal digits');

const draftShape = {
  id: uuid,
  source: line,
  type,
  subject: line,
  time: z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time with an offset' }),
  dataschema: z.string().regex(/^tabbify:.+\/[1-9]\d{0,5}$/, 'must be `tabbify:<type>/<n>`'),
  data,
  segment,
  tenant: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be the slug of an office'),
  actor: z
    .string()
    .max(255)
    .regex(
      /^(system|(user|agent|app|supervisor):[^\s\p{Cc}\p{Cs}]+)$/u,
      'must be `user:…`, `agent:…`, `app:<uuid>`, `supervisor:…` or `system`',
    ),
  causationid: line.exactOptional(),
  correlationid: line.exactOptional(),
  class: z.literal('traffic', 'is `traffic` or missing').exactOptional(),
  dataref: digest.exactOptional(),
  sealedby: line.exactOptional(),
};

/**
 * The attributes of an `EventDraft` (CONTRACTS §6); others are refused rather than lost. `dataschema` holds nothing but
 * type and number: it is not sealed and outlives the body, so nobody may put anything else there.
 */
export const eventDraftSchema = z
  .strictObject(draftShape)
  .refine(({ dataschema, type }) => dataschema.slice(0, dataschema.lastIndexOf('/')) === `tabbify:${type}`, {
    path: ['dataschema'],
    error: 'must name the type of the event: `tabbify:<type>/<n>`',
  });

/** An envelope as the log gives it out. */
export const storedEventSchema = z.object({
  specversion: z.literal('1.0'),
  position: z.int().min(1),
  ...draftShape,
  erased: digest.exactOptional(),
});

/** A draft that may be appended: checked, and as the JSON text that is kept. */
export interface PreparedDraft {
  readonly draft: EventDraft;
  /** The envelope without its position, a JSON object's text. */
  readonly body: string;
}

/**
 * How deep `data` nests at most. Whoever copies or writes JSON goes down as far on his own stack: what the log takes
 * with a nearly full one, others could never read, and whoever follows the log would stop at it for good.
 */
const MAX_DATA_DEPTH = 100;

/** `,"position":` and the digits of the largest integer: what the log adds to the body. */
const POSITION_BYTES = 12 + 16;

/**
 * Checks a draft and writes the text that is kept.
 *
 * @throws TabbifyError `envelope_invalid` naming the attribute, `envelope_too_large` naming the size
 */
export function prepareDraft(input: unknown): PreparedDraft {
  const draft = parseDraft(input);
  const body = bodyOf(draft);
  if (body.length > 2 * MAX_DATA_DEPTH && isDeeper(draft.data, MAX_DATA_DEPTH)) {
    throw logError('envelope_invalid', {
      what: 'The event cannot be appended',
      why: `\`data\` nests more than ${MAX_DATA_DEPTH} deep`,
      hint: 'Send flatter data, or store it as a blob',
    });
  }
  const bytes = Buffer.byteLength(body) + POSITION_BYTES;
  if (bytes > MAX_ENVELOPE_BYTES) {
    throw logError('envelope_too_large', {
      what: `The ${draft.type} event is too large`,
      why: `its envelope is ${bytes} bytes, an event holds at most ${MAX_ENVELOPE_BYTES}`,
      hint: 'Store the data as a blob and append its digest, size and media type',
    });
  }
  return { draft, body };
}

/**
 * The fast check lets nearly everything through that may pass; what it does not know is asked of the schema, which
 * also words the refusal.
 *
 * @throws TabbifyError `envelope_invalid`
 */
function parseDraft(input: unknown): EventDraft {
  if (isPlainDraft(input)) return input;
  const parsed = eventDraftSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const attribute = first?.path.join('.');
  throw logError('envelope_invalid', {
    what: 'The event cannot be appended',
    why: attribute ? `\`${attribute}\`: ${first?.message}` : (first?.message ?? 'it is not an envelope'),
    hint: 'Send the CloudEvents attributes that an event draft has, and no others',
  });
}

function bodyOf(draft: EventDraft): string {
  try {
    return JSON.stringify({ specversion: '1.0', ...draft });
  } catch (cause) {
    throw logError('envelope_invalid', {
      what: 'The event cannot be appended',
      why: '`data` cannot be written as JSON',
      hint: 'Send plain JSON values: no cycles, no big integers',
      cause,
    });
  }
}

/** Does the value hold objects or arrays in more levels than these? */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const part of Object.values(value)) if (isDeeper(part, levels - 1)) return true;
  return false;
}
