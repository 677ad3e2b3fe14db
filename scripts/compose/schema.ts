import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';

const file = new URL('./schema/compose-spec.json', import.meta.url);

let compiled: ValidateFunction | undefined;

/** What is wrong with a parsed Compose file by the Compose specification's own schema, a line for each. */
export function findSchemaMistakes(document: unknown): string[] {
  compiled ??= compile();
  if (compiled(document)) return [];
  return (compiled.errors ?? []).map(({ instancePath, message, params }) => {
    const detail = 'additionalProperty' in params ? ` (${params.additionalProperty})` : '';
    return `${instancePath || '/'} ${message}${detail}`;
  });
}

function compile(): ValidateFunction {
  // Ajv takes its own name and draft for another schema
  const { $schema: _draft, $id: _name, ...schema } = JSON.parse(readFileSync(file, 'utf8'));
  return new Ajv({ strict: false, allErrors: true }).compile(schema);
}
