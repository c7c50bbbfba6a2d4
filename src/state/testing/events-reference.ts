import { z } from 'zod';
import type { DomainType } from '../domain-type.ts';
import type { DomainEventType } from '../events.ts';
import { domainTypeOf, domainTypes, newestVersionOf, schemaOf } from '../registry.ts';
import { examples } from './examples.ts';

const INTRODUCTION = `<!-- Made from src/state/schemas; made anew by: npx vitest run src/state/events-reference.test.ts -u -->

# Events

What the platform itself says in the log. Every event is a CloudEvents 1.0 envelope; here stand its \`data\`, and where it is
appended: the segment and the subject, which together are the unit of an expected position. \`<office>\` is the office's slug,
\`<supervisor>\` the host. \`dataschema\` is \`tabbify:<type>/<n>\`.

Class \`office\` is folded into the office's state and kept for ever. Class \`traffic\` is never folded; its body is erased after a
time, and a tombstone stays at the position. Domain types count only when the platform says them: the fold passes over what
an app says under such a name.

A released schema is never edited: its successor has the next number and an upcaster from the one before, applied when the event is
read. A program that meets a number it does not know does not start, and says which.

| type | schema | class | what has happened |
|---|---|---|---|
`;

/** The reference of all domain events as Markdown: docs/events.md. */
export function eventsReference(): string {
  const types = (Object.keys(domainTypes) as DomainEventType[]).sort();
  const rows = types.map((type) => {
    const { class: kind, description } = domainTypeOf(type);
    return `| [\`${type}\`](#${type}) | ${newestVersionOf(type)} | ${kind} | ${description} |`;
  });
  return `${INTRODUCTION}${rows.join('\n')}\n\n${types.map(sectionOf).join('\n')}`;
}

function sectionOf(type: DomainEventType): string {
  const known = domainTypeOf(type);
  const newest = newestVersionOf(type);
  const who = known.saidBy === 'supervisor' ? 'the supervisor of the host' : 'the node';
  const parts = [
    `## ${type}`,
    known.description,
    [
      `- schema ${newest}, class \`${known.class}\`, said by ${who}`,
      `- segment \`${known.segment}\`, subject \`${known.subject}\``,
    ].join('\n'),
    tableOf(type, newest),
    `\`\`\`json\n${JSON.stringify(examples[type], null, 2)}\n\`\`\``,
    ...earlierOf(type, known),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Earlier schemas, newest first: what they lacked is what the upcaster fills in. */
function earlierOf(type: DomainEventType, { earlier }: DomainType<DomainEventType>): string[] {
  return earlier
    .map((_, index) => `Schema ${index + 1}, as older logs hold it:\n\n${tableOf(type, index + 1)}`)
    .reverse();
}

function tableOf(type: DomainEventType, version: number): string {
  const schema = z.toJSONSchema(schemaOf(type, version) ?? z.never());
  return ['| field | type | meaning |', '|---|---|---|', ...rowsOf(schema, '')].join('\n');
}

type Schema = z.core.JSONSchema.BaseSchema;

/** Fields of a record, those of records within it as `outer.inner`. */
function rowsOf(schema: Schema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    if (typeof field === 'boolean') return [];
    const inner = field.type === 'array' && isSchema(field.items) ? field.items : field;
    const path = `${prefix}${name}${inner === field ? '' : '[]'}`;
    const row = `| \`${prefix}${name}\` | ${typeOf(field)} | ${field.description ?? ''} |`;
    return [row, ...rowsOf(inner, `${path}.`)];
  });
}

function typeOf(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map((one) => typeOf(one as Schema)).join(' or ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ type })).join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if (schema.type === 'array') return isSchema(schema.items) ? `list of ${typeOf(schema.items)}` : 'list';
  if (schema.type === 'object') return schema.properties === undefined ? 'text by name' : 'record';
  if (schema.type === 'integer') return schema.minimum === undefined ? 'integer' : rangeOf(schema);
  if (schema.type !== 'string') return String(schema.type);
  if (schema.format !== undefined) return schema.format === 'date-time' ? 'time (RFC 3339)' : schema.format;
  return schema.pattern === undefined ? 'text' : `text, \`${schema.pattern.replaceAll('|', '\\|')}\``;
}

function rangeOf({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Schema): string {
  if (minimum <= Number.MIN_SAFE_INTEGER) return 'integer';
  return maximum === Number.MAX_SAFE_INTEGER ? `integer ≥ ${minimum}` : `integer, ${minimum} to ${maximum}`;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
