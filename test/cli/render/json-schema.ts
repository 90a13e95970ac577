/** As much of JSON Schema (2020-12) as docs/trace.schema.json uses; another keyword is a mistake of the test. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

const known = new Set([
  '$schema',
  '$defs',
  '$ref',
  'title',
  'description',
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
]);

/** What in `value` breaks the schema, each with its place. */
export function violations(value: unknown, schema: Schema, root: Schema = schema, place = '$'): string[] {
  for (const keyword of Object.keys(schema)) if (!known.has(keyword)) throw new Error(`keyword ${keyword}`);
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const target = (root['$defs'] as Record<string, Schema>)[reference.replace('#/$defs/', '')];
    if (target === undefined) throw new Error(reference);
    return violations(value, target, root, place);
  }
  const wrong: string[] = [];
  const types = [schema['type'] ?? []].flat() as string[];
  if (types.length > 0 && !types.some((type) => isOf(value, type))) wrong.push(`${place}: not ${types.join(' or ')}`);
  const options = schema['enum'] as unknown[] | undefined;
  if (options !== undefined && !options.includes(value)) wrong.push(`${place}: none of ${options.join(', ')}`);
  if ('const' in schema && schema['const'] !== value) wrong.push(`${place}: another value`);
  if (typeof value === 'string') {
    if (typeof schema['pattern'] === 'string' && !new RegExp(schema['pattern'], 'u').test(value))
      wrong.push(`${place}: ${value} against ${schema['pattern']}`);
    if (typeof schema['minLength'] === 'number' && value.length < schema['minLength'])
      wrong.push(`${place}: too short`);
  }
  if (typeof value === 'number') {
    if (typeof schema['minimum'] === 'number' && value < schema['minimum']) wrong.push(`${place}: ${value} too small`);
    if (typeof schema['maximum'] === 'number' && value > schema['maximum']) wrong.push(`${place}: ${value} too large`);
  }
  if (Array.isArray(value) && schema['items'] !== undefined)
    for (const [index, item] of value.entries())
      wrong.push(...violations(item, schema['items'] as Schema, root, `${place}[${index}]`));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const properties = (schema['properties'] ?? {}) as Record<string, Schema>;
    for (const name of (schema['required'] ?? []) as string[])
      if (!(name in value)) wrong.push(`${place}.${name}: missing`);
    for (const [name, inner] of Object.entries(value)) {
      const own = properties[name] ?? schema['additionalProperties'];
      if (own === false) wrong.push(`${place}.${name}: not foreseen`);
      else if (typeof own === 'object') wrong.push(...violations(inner, own as Schema, root, `${place}.${name}`));
    }
  }
  return wrong;
}

function isOf(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
