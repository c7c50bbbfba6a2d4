import { z } from 'zod';
import type { Json, JsonObject } from '../../log/index.ts';
import { canonicalJson } from '../document/canonical-json.ts';
import type { DomainTypes } from '../domain-type.ts';

/** What a released (type, n) is recorded as: its JSON Schema, by `<type>/<n>`. */
export type ReleasedSchemas = { readonly [typeAndVersion: string]: JsonObject };

/** Every schema of a registry, as it is recorded when it is released. */
export function schemasOf(types: DomainTypes): ReleasedSchemas {
  const schemas: Record<string, JsonObject> = {};
  for (const [type, { earlier, newest }] of Object.entries(types)) {
    for (const [index, schema] of [...earlier.map(({ data }) => data), newest].entries()) {
      const { $schema: _, ...shape } = z.toJSONSchema(schema) as JsonObject;
      schemas[`${type}/${index + 1}`] = undescribed(shape) as JsonObject;
    }
  }
  return schemas;
}

/** How the schemas of a registry differ from those that were released. */
export interface SchemaDifference {
  /** Released and not as they were: never right. */
  readonly changed: readonly string[];
  /** Released and gone: never right. */
  readonly removed: readonly string[];
  /** New, to be recorded. */
  readonly added: readonly string[];
}

export function differenceOf(released: ReleasedSchemas, current: ReleasedSchemas): SchemaDifference {
  const text = (schema: JsonObject | undefined) => canonicalJson(schema ?? null);
  const known = Object.keys(released);
  return {
    changed: known.filter((key) => key in current && text(released[key]) !== text(current[key])),
    removed: known.filter((key) => !(key in current)),
    added: Object.keys(current).filter((key) => !(key in released)),
  };
}

/** What to do about schemas that may not differ; null when none does. */
export function complaintOf({ changed, removed }: SchemaDifference): string | null {
  const told = [
    ...changed.map((key) => `${key} was released and has been edited`),
    ...removed.map((key) => `${key} was released and is gone`),
  ];
  if (told.length === 0) return null;
  return `${told.join('; ')}. Logs hold events of it: put it back, and add schema n+1 with an upcaster n → n+1 (src/state/schemas)`;
}

/** The record, one schema a line, with what is new; what was released stays as it was, whatever the registry says. */
export function recordOf(released: ReleasedSchemas, current: ReleasedSchemas): string {
  const lines = Object.entries({ ...current, ...released })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, schema]) => `${JSON.stringify(key)}: ${canonicalJson(schema)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** Words about a field may be bettered; they stand under `description`, which may itself be the name of a field. */
function undescribed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(undescribed);
  if (!isObject(schema)) return schema;
  const kept = Object.entries(schema).filter(([keyword]) => keyword !== 'description');
  return Object.fromEntries(
    kept.map(([keyword, value]) => [
      keyword,
      keyword === 'properties' && isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name, undescribed(field)]))
        : undescribed(value),
    ]),
  );
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
