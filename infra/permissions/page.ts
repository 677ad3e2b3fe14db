import type { Granted } from './table.ts';

/** Reasons of statements that CDK's own constructs write, by one of their actions. */
const reasonsByAction: Record<string, string> = {
  'ecr:BatchCheckLayerAvailability': 'pulls the image',
  'ecr:GetAuthorizationToken': 'signs in to the registry to pull the image; takes no resource',
  'logs:CreateLogStream': 'writes the task’s own log group',
  'secretsmanager:GetSecretValue': 'reads the secret environment variables for the task',
  'xray:PutTelemetryRecords': 'traces; X-Ray takes no resource',
  'kms:*':
    'the key belongs to its account: without this nobody could administer it (the default policy of KMS); roles need their own permission all the same',
  'kms:Decrypt': 'alarms are told by way of an encrypted topic',
  's3:PutObject': 'delivers access logs and flow logs',
  's3:GetBucketAcl': 'asks who owns the bucket before logs are delivered',
  'lambda:InvokeFunction': 'calls the function, for that source only',
  'sns:Publish': 'tells alarms',
};

/** The page docs/permissions.md. Throws where a permission has no reason. */
export function presentPermissions(granted: Granted[]): string {
  const stacks = [...new Set(granted.map(({ stack }) => stack))];
  return `# Permissions

Every IAM action that the stacks of \`infra/\` grant, to whom, on what, and why. This page is made from the templates of the
example's deployment (\`npm --prefix infra run permissions\`), and a test fails when it says anything else than they do. What is not
here is denied. No action has a wildcard but the account's own hold on its key. Everything that is refused over plain http
(buckets, queues, topic) is a denial and not listed.

Names of resources are those of the stacks: \`Bucket\`, \`Table\`, \`Pages\` and \`Exports\` (queues), \`Key\`, \`Secret\`, \`Pool\`.
${stacks.map((stack) => presentStack(stack, granted)).join('\n')}
`;
}

function presentStack(stack: string, granted: Granted[]): string {
  const rows = granted
    .filter((one) => one.stack === stack)
    .sort((one, other) => one.to.localeCompare(other.to))
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
## The stack ${stack}

| who | may | on | if | why |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`;
}

function codes(values: string[]): string {
  return values.map((value) => `\`${value}\``).join('<br>');
}
