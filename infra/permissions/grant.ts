import type { CfnPolicy, IRole } from 'aws-cdk-lib/aws-iam';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { acknowledge } from '../stacks/acknowledge.ts';

/** A permission of a role, with its reason for docs/permissions.md. */
export interface Statement {
  /** Identifies the statement, and so its reason, in the template. */
  sid: string;
  actions: string[];
  resources: string[];
  conditions?: Record<string, Record<string, unknown>>;
  why: string;
  /** Why a resource ends in a wildcard, for the AWS Solutions rule IAM5. */
  wildcard?: { findings: string[]; reason: string };
}

/** The key of the reasons in the template's metadata. */
export const reasonsKey = 'Reasons';

export function grant(role: IRole, statements: Statement[]) {
  for (const { sid, actions, resources, conditions, wildcard, why } of statements) {
    role.addToPrincipalPolicy(new PolicyStatement({ sid, actions, resources, conditions }));
    const policy = role.node.findChild('DefaultPolicy').node.defaultChild as CfnPolicy;
    policy.addMetadata(reasonsKey, { ...policy.getMetadata(reasonsKey), [sid]: why });
    for (const finding of wildcard?.findings ?? []) {
      acknowledge(role, { [`AwsSolutions-IAM5[${finding}]`]: wildcard?.reason ?? '' });
    }
  }
}
