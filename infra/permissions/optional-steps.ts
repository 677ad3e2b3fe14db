// Permissions that only deployments with optional steps need (PIPELINE_STEPS of .env.example).
import type { Deployment } from '../config.ts';
import { partitionOf } from '../stacks/role-names.ts';
import type { Statement } from './grant.ts';

type Settings = Pick<Deployment, 'environment' | 'secretVariables'>;

/** What switches everything on that is optional, for tests and for docs/permissions.md. */
export const everyOption = {
  environment: { PIPELINE_STEPS: 'moderate images; translate exports' },
  eventBus: true,
  pushBuckets: { default: ['acme-archive'] },
};

type Step = 'moderate images' | 'translate exports';

/** A variable that lies in the secret cannot be read here: then the step may be on. */
export function usesStep({ environment, secretVariables }: Settings, step: Step): boolean {
  return (
    secretVariables.includes('PIPELINE_STEPS') ||
    (environment.PIPELINE_STEPS ?? '').toLowerCase().includes(step)
  );
}

export function optionalStepStatements(deployment: Settings): Statement[] {
  const everywhere = (reason: string) => ({ findings: ['Resource::*'], reason });
  const moderation: Statement = {
    sid: 'ModerateImages',
    actions: ['rekognition:DetectModerationLabels'],
    resources: ['*'],
    why: 'checks page images for content that is not allowed; only where PIPELINE_STEPS says so',
    wildcard: everywhere(
      'Rekognition’s DetectModerationLabels takes no resource but a model of one’s own: IAM accepts only *.',
    ),
  };
  const translation: Statement = {
    sid: 'TranslateText',
    actions: ['translate:TranslateText', 'comprehend:DetectDominantLanguage'],
    resources: ['*'],
    why: 'translates text for exports, and has Comprehend find the language of a page where it is not known; only where PIPELINE_STEPS says so',
    wildcard: everywhere('Without terminologies, TranslateText and DetectDominantLanguage take no resource.'),
  };
  return [
    ...(usesStep(deployment, 'moderate images') ? [moderation] : []),
    ...(usesStep(deployment, 'translate exports') ? [translation] : []),
  ];
}

/** Buckets of the account's other systems, which rules put exports into. */
export function pushStatements({
  pushBuckets,
  region,
}: Pick<Deployment, 'pushBuckets' | 'region'>): Statement[] {
  const buckets = [...new Set(Object.values(pushBuckets).flat())];
  if (buckets.length === 0) return [];
  const resources = buckets.map((bucket) => `arn:${partitionOf({ region })}:s3:::${bucket}/*`);
  return [
    {
      sid: 'PushExports',
      actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
      resources,
      why: 'rules put exports into buckets of other systems; only those of `pushBuckets`',
      wildcard: {
        findings: resources.map((resource) => `Resource::${resource}`),
        reason: 'The names of files are those of projects.',
      },
    },
  ];
}
