import { type Duration, RemovalPolicy, Size, type Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, DockerImageCode, DockerImageFunction, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Deployment } from '../config.ts';
import { DeploymentError } from '../config.ts';
import { grant } from '../permissions/grant.ts';
import { functionLogStatements, tracingReason } from '../permissions/platform.ts';
import { acknowledge } from './acknowledge.ts';
import type { ImageStack } from './image.stack.ts';
import { type AppRole, nameOfRole } from './role-names.ts';

interface Given {
  id: string;
  description: string;
  /** The image's argument. */
  word: 'lambda-web' | 'lambda-worker' | 'lambda-pre-token';
  /** The role's name, where policies of others name it. */
  role?: AppRole;
  image: ImageStack;
  deployment: Deployment;
  memory: number;
  timeout: Duration;
  environment: Record<string, string>;
  reservedConcurrency?: number;
  /** MiB of /tmp, when Lambda's 512 are too few. */
  temporary?: number;
}

/** A function of the image, with a role and a log group of its own, traced. */
export function createImageFunction(stack: Stack, given: Given) {
  const { id, deployment, image, word } = given;
  checkSize(id, given.environment);
  const logGroup = new LogGroup(stack, `${id}Log`, {
    logGroupName: `/aws/lambda/${deployment.name}-${id.toLowerCase()}`,
    retention: deployment.logDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(stack, `${id}Role`, {
    roleName: given.role && nameOfRole(deployment, given.role),
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  grant(role, functionLogStatements(logGroup));
  const made = new DockerImageFunction(stack, id, {
    functionName: `${deployment.name}-${id.toLowerCase()}`,
    description: `Paperlift: ${given.description}`,
    code: DockerImageCode.fromEcr(image.repository, { tagOrDigest: image.tagOrDigest, cmd: [word] }),
    architecture: Architecture.X86_64,
    memorySize: given.memory,
    timeout: given.timeout,
    ephemeralStorageSize: given.temporary ? Size.mebibytes(given.temporary) : undefined,
    environment: given.environment,
    reservedConcurrentExecutions: given.reservedConcurrency,
    tracing: Tracing.ACTIVE,
    role,
    logGroup,
  });
  acknowledge(role, { 'AwsSolutions-IAM5[Resource::*]': tracingReason });
  return made;
}

/** 4 KB for all variables of a function: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const maxBytes = 4096;
/** The maximum length of a resource's name, which only CloudFormation knows. */
const bytesOfToken = 120;

function checkSize(id: string, environment: Record<string, string>) {
  let bytes = 0;
  for (const [name, value] of Object.entries(environment)) {
    bytes += name.length + value.replace(/\$\{Token\[[^\]]*\]\}/g, 'x'.repeat(bytesOfToken)).length;
  }
  if (bytes <= maxBytes) return;
  throw new DeploymentError(
    `The environment of the function ${id} has about ${bytes} bytes; the limit of Lambda is ${maxBytes}. Move saml.certificate to SAML_IDP_CERTIFICATE in the secret (secretVariables), or shorten groups.table`,
  );
}
