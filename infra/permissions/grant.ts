import type { CfnPolicy, IRole } from 'aws-cdk-lib/aws-iam';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { acknowledge } from '../stacks/acknowledge.ts';

/** One permission of a role, with the reason that stands in docs/permissions.md. */
export interface Statement {
  /** Names the statement in the template, and so its reason. */
  sid: string;
  actions: string[];
  resources: string[];
  conditions?: Record<string, Record<string, unknown>>;
  why: string;
  /** Why a resource ends in a wildcard, for the AWS Solutions rule IAM5, which wants each named. */
  wildcard?: { findings: string[]; reason: string };
}

/** Under this name the reasons stand in the template, beside the statements. */
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
