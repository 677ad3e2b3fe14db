// docs/permissions.md: every action that the templates grant, to whom, on what and why. Generated from the templates,
// so that it is complete; a test compares them.

import { reasonsKey } from './grant.ts';

// biome-ignore lint/suspicious/noExplicitAny: templates are JSON of every shape
type Json = any;

export interface Granted {
  stack: string;
  to: string;
  actions: string[];
  on: string[];
  why?: string | undefined;
  condition?: string | undefined;
}

/** Policies of roles, which are listed with their roles, and boundaries, which grant nothing. */
const boundOrOwn = new Set(['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']);

/** What the second templates allow beyond the first. */
export function listAdded(first: Record<string, Json>, second: Record<string, Json>): Granted[] {
  const known = new Set(listGranted(first).map((each) => JSON.stringify(each)));
  return listGranted(second).filter((each) => !known.has(JSON.stringify(each)));
}

/** Everything that is allowed by policies of roles, by policies of resources and by permissions of functions. */
export function listGranted(templates: Record<string, Json>): Granted[] {
  const granted: Granted[] = [];
  for (const [stack, template] of Object.entries(templates)) {
    for (const [id, resource] of Object.entries(template.Resources as Record<string, Json>)) {
      const { Type: type, Properties: properties } = resource;
      const add = (statements: Json[], to: (statement: Json) => string, on?: string) => {
        for (const statement of statements) {
          if (statement.Effect !== 'Allow') continue;
          granted.push({
            stack,
            to: to(statement),
            actions: listOf(statement.Action),
            on: on ? [on] : listOf(statement.Resource).map(nameOf),
            why: resource.Metadata?.[reasonsKey]?.[statement.Sid],
            condition: statement.Condition && JSON.stringify(statement.Condition),
          });
        }
      };
      const principal = (statement: Json) => nameOfPrincipal(statement.Principal);
      if (type === 'AWS::IAM::Policy') {
        add(properties.PolicyDocument.Statement, () => listOf(properties.Roles).map(nameOf).join(', '));
      } else if (type === 'AWS::IAM::Role') {
        for (const policy of properties.Policies ?? []) add(policy.PolicyDocument.Statement, () => plain(id));
        for (const arn of listOf(properties.ManagedPolicyArns ?? [])) {
          granted.push({ stack, to: plain(id), actions: [`the managed policy ${nameOf(arn)}`], on: [] });
        }
      } else if (type === 'AWS::Lambda::Permission') {
        const { Action, Principal, SourceArn, FunctionName } = properties;
        const condition = JSON.stringify({ SourceArn: nameOf(SourceArn) });
        granted.push({ stack, to: Principal, actions: [Action], on: [nameOf(FunctionName)], condition });
      }
      const policy = policyOf(properties);
      if (policy && !boundOrOwn.has(type)) {
        const on = type === 'AWS::KMS::Key' || type === 'AWS::ECR::Repository' ? plain(id) : undefined;
        add(policy.Statement, principal, on);
      }
    }
  }
  return granted;
}

/** What a resource says of who may use it. That of log groups is text. */
function policyOf(properties: Json): Json {
  const { PolicyDocument, KeyPolicy, RepositoryPolicyText, AccessPolicies } = properties;
  const policy = PolicyDocument ?? KeyPolicy ?? RepositoryPolicyText ?? AccessPolicies;
  return typeof policy === 'string' ? JSON.parse(policy) : policy;
}

/** Removes the hash that CDK appends to an id. */
function plain(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}

function listOf(value: Json): Json[] {
  return Array.isArray(value) ? value : [value];
}

function nameOfPrincipal(principal: Json): string {
  if (principal === '*') return 'everybody';
  return Object.values(principal)
    .flatMap(listOf)
    .map((one) => nameOf(one))
    .map((name) => (/^arn:aws:iam::(\w+):root$/.test(name) ? nameOfAccount(name) : name))
    .join(', ');
}

/** A load balancer's logs come from an account of AWS, in older regions one of each region. */
function nameOfAccount(arn: string): string {
  return arn.includes('::ACCOUNT:') ? 'the deployment’s account' : 'AWS’s account of load balancers';
}

/** A readable name for a reference in a template. */
function nameOf(value: Json): string {
  if (typeof value === 'string') return value.replaceAll('111122223333', 'ACCOUNT');
  if (value?.Ref) return plain(value.Ref);
  if (value?.['Fn::GetAtt']) return plain(value['Fn::GetAtt'][0]);
  if (value?.['Fn::ImportValue']) return nameOfExport(value['Fn::ImportValue']);
  if (value?.['Fn::Join']) return value['Fn::Join'][1].map(nameOf).join('');
  throw new Error(`No name for ${JSON.stringify(value)}`);
}

/** paperlift-data:ExportsOutputFnGetAttBucket83908E77Arn063C8555 and …OutputRefSecretA720EF052D953DED */
function nameOfExport(name: string): string {
  const [, id] = /:ExportsOutput(?:FnGetAtt|Ref)(.+?)[0-9A-F]{8}/.exec(name) ?? [];
  if (!id) throw new Error(`No name for the export ${name}`);
  return id;
}
