import type { GbnfJsonSchema } from 'node-llama-cpp';

type JsonSchema = Readonly<Record<string, unknown>>;

const simpleTypes = ['string', 'number', 'integer', 'boolean', 'null'] as const;
type SimpleType = (typeof simpleTypes)[number];

/** Any JSON value. */
const anything: GbnfJsonSchema = {
  oneOf: [
    { type: ['string', 'number', 'boolean', 'null'] },
    { type: 'array' },
    { type: 'object', additionalProperties: true },
  ],
};

/** Deeper than any tool's arguments; what is below may be anything. */
const maxDepth = 12;

/**
 * A JSON schema as the library makes a grammar of it. That grammar demands every property that it names, in their
 * order: optional ones are not named, and may follow the others in any form. What it cannot say is left free; the tool
 * checks its own input.
 */
export function grammarSchema(schema: JsonSchema, depth = 0): GbnfJsonSchema {
  if (depth > maxDepth) return anything;
  const { type } = schema;
  const either = alternatives(schema);
  if (either !== undefined) {
    return { oneOf: either.map((each) => grammarSchema(each, depth + 1)) };
  }
  if ('const' in schema && isLiteral(schema['const'])) return { const: schema['const'] };
  const values = schema['enum'];
  if (Array.isArray(values) && values.length > 0 && values.every(isLiteral)) return { enum: values };
  if (Array.isArray(type)) {
    const types = type.filter((each) => typeof each === 'string');
    return types.length === 0
      ? anything
      : { oneOf: types.map((each) => grammarSchema({ ...schema, type: each }, depth + 1)) };
  }
  if (isSimple(type)) return { type };
  if (type === 'array') return arraySchema(schema, depth);
  if (type === 'object' || 'properties' in schema) return objectSchema(schema, depth);
  return anything;
}

/**
 * A JSON schema as the library writes types of TypeScript of it: those know no alternatives but `oneOf`, leave nothing
 * out, and have whole numbers as `bigint`.
 */
export function typedSchema(schema: JsonSchema, depth = 0): JsonSchema {
  if (depth > maxDepth) return {};
  const typed = (each: unknown) => (isSchema(each) ? typedSchema(each, depth + 1) : each);
  const { anyOf, type, ...rest } = schema;
  const names = requiredOf(schema);
  const properties = isSchema(schema['properties']) ? Object.entries(schema['properties']) : undefined;
  return {
    ...rest,
    ...(type !== undefined && { type: type === 'integer' ? 'number' : type }),
    ...(Array.isArray(anyOf) && { oneOf: anyOf.map(typed) }),
    ...('items' in schema && { items: typed(schema['items']) }),
    ...(properties && {
      properties: Object.fromEntries(
        properties.map(([name, each]) => [name, names.includes(name) ? typed(each) : optional(typed(each))]),
      ),
    }),
  };
}

function optional(schema: unknown): unknown {
  if (!isSchema(schema)) return schema;
  const { description } = schema;
  return {
    ...schema,
    description: typeof description === 'string' ? `Optional. ${description}` : 'Optional.',
  };
}

function requiredOf({ required }: JsonSchema): readonly unknown[] {
  return Array.isArray(required) ? required : [];
}

function arraySchema({ items }: JsonSchema, depth: number): GbnfJsonSchema {
  return isSchema(items) ? { type: 'array', items: grammarSchema(items, depth + 1) } : { type: 'array' };
}

function objectSchema(schema: JsonSchema, depth: number): GbnfJsonSchema {
  const properties = isSchema(schema['properties']) ? Object.entries(schema['properties']) : [];
  const names = requiredOf(schema);
  const required = properties.filter(([name]) => names.includes(name));
  const more = schema['additionalProperties'];
  const isFree = required.length < properties.length || properties.length === 0 || more === true;
  return {
    type: 'object',
    properties: Object.fromEntries(
      required.map(([name, each]) => [name, isSchema(each) ? grammarSchema(each, depth + 1) : anything]),
    ),
    additionalProperties: isFree || isSchema(more),
  };
}

function alternatives(schema: JsonSchema): JsonSchema[] | undefined {
  for (const key of ['anyOf', 'oneOf']) {
    const list = schema[key];
    if (Array.isArray(list) && list.length > 0 && list.every(isSchema)) return list;
  }
  return undefined;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSimple(type: unknown): type is SimpleType {
  return simpleTypes.some((each) => each === type);
}

function isLiteral(value: unknown): value is string | number | boolean | null {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
