/** The part of a schema of an OpenAPI document that a body can be made of. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly format?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** A body that fits the schema, with what it must have and nothing else; null where none is known. */
export function sample(schema: Schema | undefined, components: Readonly<Record<string, Schema>>): unknown {
  if (schema === undefined) return null;
  const { $ref, enum: words, anyOf, oneOf, default: usual } = schema;
  if ($ref !== undefined) return sample(components[$ref.split('/').at(-1) ?? ''], components);
  if (usual !== undefined) return usual;
  if (words !== undefined) return words[0];
  const choice = (anyOf ?? oneOf)?.[0];
  if (choice !== undefined) return sample(choice, components);
  switch (typeof schema.type === 'string' ? schema.type : schema.type?.[0]) {
    case 'string':
      return schema.format === 'uuid'
        ? '0191e7c2-0000-7000-8000-00000000ffff'
        : 'x'.repeat(Math.max(4, schema.minLength ?? 0));
    case 'number':
    case 'integer':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object': {
      const { properties = {}, required = [] } = schema;
      return Object.fromEntries(required.map((name) => [name, sample(properties[name], components)]));
    }
    default:
      return null;
  }
}
