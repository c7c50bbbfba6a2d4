import { z } from 'zod';

/** Has a value the shape that a schema names? */
export type ShapeCheck = (value: unknown) => boolean;

/** The part of JSON Schema that shapes of events are written in. */
type Schema = z.core.JSONSchema.BaseSchema;

/**
 * Checks the types of a value's fields and that none is missing; not what texts and numbers say, which was checked
 * before the append and which no fold depends on. Eight times as fast as the schema itself: a replay asks it for every
 * event.
 *
 * @throws Error for a schema that is made of something else than records, lists, words and scalars
 */
export function shapeOf(schema: z.ZodType): ShapeCheck {
  return checkOf(z.toJSONSchema(schema));
}

function checkOf(schema: Schema | boolean): ShapeCheck {
  if (typeof schema === 'boolean') return () => schema;
  if (schema.anyOf !== undefined) return oneOf(schema.anyOf.map(checkOf));
  if (Array.isArray(schema.type)) return oneOf(schema.type.map((type) => checkOf({ ...schema, type })));
  if (schema.enum !== undefined) {
    const words = new Set<unknown>(schema.enum);
    return (value) => words.has(value);
  }
  if (schema.type === 'object') return recordCheck(schema);
  if (schema.type === 'array') {
    const item = Array.isArray(schema.items) ? checkOf(true) : checkOf(schema.items ?? true);
    return (value) => Array.isArray(value) && value.every(item);
  }
  const scalar = scalars[String(schema.type)];
  if (scalar === undefined) throw new Error(`no shape is known for ${JSON.stringify(schema)}`);
  return scalar;
}

function oneOf(checks: readonly ShapeCheck[]): ShapeCheck {
  return (value) => checks.some((check) => check(value));
}

function isMissing(value: unknown): boolean {
  return value === undefined;
}

const scalars: Readonly<Record<string, ShapeCheck>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isSafeInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

/** Named fields must be there unless the schema lets them be missing; the values of all others have to pass what the schema says of them, if it says it. */
function recordCheck({ properties = {}, required = [], additionalProperties }: Schema): ShapeCheck {
  const fields = Object.entries(properties).map(([name, field]) => {
    const check = checkOf(field);
    return { name, check: required.includes(name) ? check : oneOf([isMissing, check]) };
  });
  const rest = typeof additionalProperties === 'object' ? checkOf(additionalProperties) : null;
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const record = value as { readonly [name: string]: unknown };
    for (const { name, check } of fields) if (!check(record[name])) return false;
    return rest === null || Object.values(record).every(rest);
  };
}
