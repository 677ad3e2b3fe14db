// Permissions that only deployments with optional steps need (PIPELINE_STEPS of .env.example).
import type { Deployment } from '../config.ts';
import type { Statement } from './grant.ts';

type Settings = Pick<Deployment, 'environment' | 'secretVariables'>;

/** Variables that switch everything on that is optional, for tests and for docs/permissions.md. */
export const everyOption = {
  environment: { PIPELINE_STEPS: 'moderate images' },
};

/** A variable that lies in the secret cannot be read here: then the step may be on. */
export function usesStep({ environment, secretVariables }: Settings, step: 'moderate images'): boolean {
  return (
    secretVariables.includes('PIPELINE_STEPS') ||
    (environment.PIPELINE_STEPS ?? '').toLowerCase().includes(step)
  );
}

export function optionalStepStatements(deployment: Settings): Statement[] {
  return usesStep(deployment, 'moderate images')
    ? [
        {
          sid: 'ModerateImages',
          actions: ['rekognition:DetectModerationLabels'],
          resources: ['*'],
          why: 'checks page images for content that is not allowed; only where PIPELINE_STEPS says so',
          wildcard: {
            findings: ['Resource::*'],
            reason:
              'Rekognition’s DetectModerationLabels takes no resource but a model of one’s own: IAM accepts only *.',
          },
        },
      ]
    : [];
}
