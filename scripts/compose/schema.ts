import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';

const file = new URL('./schema/compose-spec.json', import.meta.url);

/** What is wrong with a parsed Compose file by the Compose specification's own schema, a line for each. */
export function findSchemaMistakes(document: unknown): string[] {
  // Its own name and draft are written in a way that Ajv takes for another schema.
  const { $schema: _draft, $id: _name, ...schema } = JSON.parse(readFileSync(file, 'utf8'));
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
  if (validate(document)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const detail = 'additionalProperty' in params ? ` (${params.additionalProperty})` : '';
    return `${instancePath || '/'} ${message}${detail}`;
  });
}
