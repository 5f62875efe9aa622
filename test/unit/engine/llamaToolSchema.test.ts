import { describe, expect, it } from 'vitest';
import { grammarSchema } from '../../../src/engine/llamaToolSchema';

const free = {
  oneOf: [
    { type: ['string', 'number', 'boolean', 'null'] },
    { type: 'array' },
    { type: 'object', additionalProperties: true },
  ],
};

describe('a schema for the grammar of a call', () => {
  it('demands what must be there, and leaves the rest to follow in any form', () => {
    expect(
      grammarSchema({
        type: 'object',
        properties: { path: { type: 'string', minLength: 1 }, line: { type: 'integer' } },
        required: ['path'],
      }),
    ).toEqual({ type: 'object', properties: { path: { type: 'string' } }, additionalProperties: true });
  });

  it('allows no more where all of it must be there', () => {
    const properties = { path: { type: 'string' } };
    expect(grammarSchema({ type: 'object', properties, required: ['path'] })).toEqual({
      ...{ type: 'object', properties, additionalProperties: false },
    });
  });

  it.each([
    ['without properties', { type: 'object' }],
    ['with properties of any name', { properties: {}, additionalProperties: { type: 'string' } }],
  ])('leaves an object free that is %s', (_, schema) => {
    expect(grammarSchema(schema)).toEqual({ type: 'object', properties: {}, additionalProperties: true });
  });

  it('knows alternatives, several types, values, and lists', () => {
    expect(grammarSchema({ anyOf: [{ type: 'string' }, { const: 3 }] })).toEqual({
      oneOf: [{ type: 'string' }, { const: 3 }],
    });
    expect(grammarSchema({ type: ['string', 'null'] })).toEqual({
      oneOf: [{ type: 'string' }, { type: 'null' }],
    });
    expect(grammarSchema({ type: 'string', enum: ['a', 'b'] })).toEqual({ enum: ['a', 'b'] });
    expect(grammarSchema({ type: 'array', items: { type: 'number' } })).toEqual({
      ...{ type: 'array', items: { type: 'number' } },
    });
    expect(grammarSchema({ type: 'array' })).toEqual({ type: 'array' });
  });

  it.each([
    [{ $ref: '#/definitions/other' }],
    [{}],
    [{ type: 'unheard of' }],
    [{ type: [] }],
    [{ enum: [{ a: 1 }] }],
    [{ anyOf: 'wrong' }],
  ])('leaves %j free', (schema) => {
    expect(grammarSchema(schema)).toEqual(free);
  });

  it('ends in a schema that holds itself', () => {
    const endless: Record<string, unknown> = { type: 'array' };
    endless['items'] = endless;
    expect(JSON.stringify(grammarSchema(endless))).toContain('boolean');
  });
});
