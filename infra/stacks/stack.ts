import { type App, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import type { Deployment } from '../config.ts';

/** A stack of the deployment, in its account and region. Protected from deletion: see terminationProtection. */
export function createStack(
  app: App,
  deployment: Deployment,
  { part, description, keeps = false }: { part: string; description: string; keeps?: boolean },
) {
  const { name, account, region, bootstrapQualifier: qualifier } = deployment;
  return new Stack(app, part, {
    stackName: `${name}-${part.toLowerCase()}`,
    description: `Paperlift: ${description}`,
    env: { account, region },
    terminationProtection: keeps,
    ...(qualifier && { synthesizer: new DefaultStackSynthesizer({ qualifier }) }),
  });
}
