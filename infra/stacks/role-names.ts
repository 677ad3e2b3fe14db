import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Deployment } from '../config.ts';

/** The roles by which Paperlift reads and writes documents and records. */
export const appRoles = ['web-task', 'worker-task', 'web-function', 'worker-function'] as const;
export type AppRole = (typeof appRoles)[number];

type Named = Pick<Deployment, 'name' | 'account' | 'region'>;

/** Fixed, so that the table's policy can name roles of stacks that are made after it. */
export function nameOfRole({ name }: Pick<Named, 'name'>, role: AppRole | 'break-glass'): string {
  return `${name}-${role}`;
}

export function partitionOf({ region }: Pick<Named, 'region'>): string {
  return RegionInfo.get(region).partition ?? 'aws';
}

export function arnOfRole(deployment: Named, role: AppRole | 'break-glass'): string {
  return `arn:${partitionOf(deployment)}:iam::${deployment.account}:role/${nameOfRole(deployment, role)}`;
}

export function nameOfPolicy({ name }: Pick<Named, 'name'>, policy: 'boundary' | 'deploy-boundary'): string {
  return `${name}-${policy}`;
}

export function arnOfPolicy(deployment: Named, policy: 'boundary' | 'deploy-boundary'): string {
  return `arn:${partitionOf(deployment)}:iam::${deployment.account}:policy/${nameOfPolicy(deployment, policy)}`;
}
