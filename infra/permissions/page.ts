import type { Granted } from './table.ts';

/** Reasons of statements that CDK's own constructs write, by one of their actions. */
const reasonsByAction: Record<string, string> = {
  'ecr:BatchCheckLayerAvailability': 'pulls the image',
  'ecr:GetAuthorizationToken': 'signs in to the registry to pull the image; supports no resource',
  'logs:CreateLogStream': 'writes the task’s own log group',
  'secretsmanager:GetSecretValue': 'reads the secret environment variables for the task',
  'xray:PutTelemetryRecords': 'writes traces; X-Ray supports no resource',
  'kms:*':
    'the default key policy of KMS: without it, no one could administer the key; roles still need their own permission',
  'kms:Decrypt': 'publishes alarms to an encrypted topic',
  's3:PutObject': 'delivers access logs and flow logs',
  's3:GetBucketAcl': 'checks the bucket’s owner before logs are delivered',
  'lambda:InvokeFunction': 'invokes the function, for that source only',
  'sns:Publish': 'publishes alarms',
};

/** The page docs/permissions.md. Throws where a permission has no reason. */
export function presentPermissions(granted: Granted[], withSearch: Granted[]): string {
  const stacks = [...new Set(granted.map(({ stack }) => stack))];
  return `# Permissions

Every IAM action that the stacks of \`infra/\` grant: to whom, on what and why. This page is generated from the templates of the
example deployment with every optional step (\`npm --prefix infra run permissions\`), and a test fails if they differ. All other actions are
denied. No action has a wildcard except the account's control of its key. Denials are not
listed: of plain http (buckets, queues, topic), and of data to all but the roles that docs/operations.md names (table, bucket). Boundaries
(stack Guards) grant nothing.

Resource names are those of the stacks: \`Bucket\`, \`Table\`, \`Pages\` and \`Exports\` (queues), \`Key\`, \`Secret\`, \`Pool\`.
${stacks
  .map((stack) =>
    presentTable(
      `The stack ${stack}`,
      granted.filter((one) => one.stack === stack),
    ),
  )
  .join('\n')}
${presentTable('With `fargate.openSearch`, in the stack Fargate', withSearch)}
`;
}

function presentTable(title: string, granted: Granted[]): string {
  const rows = granted
    .toSorted((one, other) => one.to.localeCompare(other.to))
    .map((one) => {
      const known = one.actions.find((action) => Object.hasOwn(reasonsByAction, action));
      const why = one.why ?? (known && reasonsByAction[known]);
      if (!why) throw new Error(`No reason for ${JSON.stringify(one)}`);
      const cells = [
        one.to,
        codes(one.actions),
        codes(one.on),
        one.condition ? codes([one.condition]) : '',
        why,
      ];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    });
  return `
## ${title}

| who | may | on | if | why |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`;
}

function codes(values: string[]): string {
  return values.map((value) => `\`${value}\``).join('<br>');
}
