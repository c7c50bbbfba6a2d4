import { FORMAT } from './format.ts';
import type { KeySpec, KeySpecs, ValueSpec } from './key-spec.ts';

/** A JSON Schema, of which only `JSON.stringify` knows more. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Where an office serves the schema, and the name of its file. */
export const SCHEMA_FILE = 'tabbify.schema.json';

/**
 * The format as JSON Schema (draft 7, which editors of TOML read): completion, documentation under the cursor, and a mark below
 * what the format does not know. What the schema cannot say (which keys go together) `tcli validate` says.
 */
export function manifestSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: SCHEMA_FILE,
    title: 'tabbify.toml',
    description: 'The manifest of an app',
    ...tableSchema(FORMAT),
    // either form names the app
    anyOf: [{ required: ['app'] }, { required: ['agent'] }],
  };
}

function tableSchema(keys: KeySpecs): JsonSchema {
  const required = Object.entries(keys).filter(([, key]) => key.required);
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, keySchema(key)])),
    ...(required.length > 0 && { required: required.map(([name]) => name) }),
    additionalProperties: false,
  };
}

function keySchema({ doc, value, default: fallback }: KeySpec): JsonSchema {
  const described = fallback === undefined ? doc : `${doc}. Default: ${fallback.text}`;
  return { description: described, ...valueSchema(value) };
}

function valueSchema(value: ValueSpec): JsonSchema {
  switch (value.type) {
    case 'text':
      return { type: 'string', ...(value.example !== undefined && { examples: [value.example] }) };
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
      return { type: 'integer', minimum: value.min, maximum: value.max };
    case 'one_of':
      return { type: 'string', enum: value.values };
    case 'texts':
      return { type: 'array', items: { type: 'string' } };
    case 'start':
      return { anyOf: [{ enum: ['now', 'beginning'] }, { type: 'integer', minimum: 0 }] };
    case 'variables':
      return { type: 'object', additionalProperties: { type: 'string' } };
    case 'table':
      return tableSchema(value.keys);
    case 'tables':
      return { type: 'array', items: tableSchema(value.keys) };
  }
}
