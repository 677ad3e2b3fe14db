// The templates of the example's deployment, for tests and for docs/permissions.md.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { parseDeployment } from './config.ts';
import { createStacks } from './stacks.ts';

const readJson = (name: string) => JSON.parse(readFileSync(path.join(import.meta.dirname, name), 'utf8'));

// biome-ignore lint/suspicious/noExplicitAny: templates are JSON of every shape
export type Json = any;
export type Resource = { id: string; Type: string; Properties: Json } & Record<string, Json>;
export type Part = 'Guards' | 'Image' | 'Data' | 'Identity' | 'Fargate' | 'Lambda';

/** The example's deployment with changes at its first level. */
export function exampleDeployment(changes: Record<string, unknown> = {}): Record<string, Json> {
  return { ...readJson('paperlift.example.json'), ...changes };
}

/** Changes of the example: its search is OpenSearch. */
export const withOpenSearch = { lambda: undefined, fargate: { openSearch: {} } };

/**
 * The templates of the example's deployment as `cdk synth` makes them, and the findings of the AWS Solutions rules.
 */
export function synthesize(changes: Record<string, unknown> = {}) {
  const key = JSON.stringify(changes, (_name, value) => value ?? 'left out');
  const made = remembered.get(key) ?? synthesizeAnew(changes);
  remembered.set(key, made);
  return made;
}

const remembered = new Map<string, ReturnType<typeof synthesizeAnew>>();

function synthesizeAnew(changes: Record<string, unknown>) {
  const outdir = mkdtempSync(path.join(tmpdir(), 'paperlift-infra-'));
  try {
    const app = new App({ outdir, context: readJson('cdk.json').context });
    createStacks(app, parseDeployment(exampleDeployment(changes)));
    const assembly = app.synth();
    const findings = new AwsSolutionsChecks().validateScope(app).violations;
    const templates = Object.fromEntries(
      assembly.stacks.map((stack) => [stack.id, stack.template]),
    ) as Record<Part, Json>;
    return { templates, findings };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

export function resourcesOf(template: Json, type: string): Resource[] {
  return Object.entries(template.Resources as Record<string, Json>)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => ({ ...resource, id }));
}

/** The only resource of that type, or of that type with that id prefix. */
export function resourceOf(template: Json, type: string, id = ''): Resource {
  const [found, ...more] = resourcesOf(template, type).filter((resource) => resource.id.startsWith(id));
  if (!found || more.length > 0) throw new Error(`${more.length + (found ? 1 : 0)} of ${type} ${id}`);
  return found;
}
