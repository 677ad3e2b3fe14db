// What the table and the bucket deny to everyone but Paperlift's own roles, those of backups and the break-glass role.
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Deployment } from '../config.ts';
import { appRoles, arnOfRole } from '../stacks/role-names.ts';

/** Actions that show or change items. The management of the table is not among them: deployments go on. */
export const itemActions = [
  'dynamodb:GetItem',
  'dynamodb:BatchGetItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'dynamodb:ConditionCheckItem',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:PartiQLSelect',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PartiQLDelete',
];

/** Actions that carry the items to a place without this policy. */
export const copyActions = [
  'dynamodb:ExportTableToPointInTime',
  'dynamodb:RestoreTableToPointInTime',
  'dynamodb:CreateBackup',
  'dynamodb:StartAwsBackupJob',
  'dynamodb:EnableKinesisStreamingDestination',
];

/** Actions that show, change or remove documents. */
export const objectActions = [
  's3:GetObject',
  's3:GetObjectVersion',
  's3:PutObject',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:RestoreObject',
];

/** Denials for the table. The resource is the table with its indexes: a policy of a resource holds for nothing else. */
export function tableDenials(deployment: Deployment): PolicyStatement[] {
  const breakGlass = arnOfRole(deployment, 'break-glass');
  const own = appRoles.map((role) => arnOfRole(deployment, role));
  const backups = deployment.breakGlass?.backupRoles ?? [];
  return [
    denyAllBut('DenyItems', itemActions, ['*'], [...own, breakGlass]),
    denyAllBut('DenyCopies', copyActions, ['*'], [...backups, breakGlass]),
  ];
}

export function objectDenials(deployment: Deployment, resources: string[]): PolicyStatement[] {
  const roles = [...appRoles, 'break-glass' as const].map((role) => arnOfRole(deployment, role));
  const backups = deployment.breakGlass?.backupRoles ?? [];
  return [denyAllBut('DenyDocuments', objectActions, resources, [...roles, ...backups])];
}

/** Services that act for one of the roles, as Textract does, are seen with the role's ARN. */
function denyAllBut(sid: string, actions: string[], resources: string[], roles: string[]) {
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions,
    resources,
    conditions: { ArnNotEquals: { 'aws:PrincipalArn': roles } },
  });
}
