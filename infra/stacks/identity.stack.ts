// The user pool: mirrors people and groups, and issues API tokens.

import type { Stack } from 'aws-cdk-lib';
import { type App, CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRecovery,
  FeaturePlan,
  LambdaVersion,
  Mfa,
  OAuthScope,
  ProviderAttribute,
  ResourceServerScope,
  StringAttribute,
  UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
  UserPoolGroup,
  UserPoolIdentityProviderSaml,
  UserPoolIdentityProviderSamlMetadata,
  UserPoolOperation,
} from 'aws-cdk-lib/aws-cognito';
import { permissions } from '../../src/people/permissions.ts';
import { machineScopes, resourceServer } from '../../src/people/service-account.ts';
import type { Deployment } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import { createAlarms } from './alarms.ts';
import type { DataStack } from './data.stack.ts';
import { createPreTokenEnvironment } from './environment.ts';
import type { ImageStack } from './image.stack.ts';
import { createImageFunction } from './image-function.ts';
import { createStack } from './stack.ts';

interface Parts {
  deployment: Deployment;
  image: ImageStack;
  data: DataStack;
}

export function createIdentityStack(app: App, { deployment, image, data }: Parts) {
  const stack = createStack(app, deployment, {
    part: 'Identity',
    description: 'the user pool of its API tokens',
    keeps: true,
  });
  const { domainPrefix, callbackUrls, federation } = deployment.identity;
  const pool = new UserPool(stack, 'Pool', {
    userPoolName: deployment.name,
    // access tokens whose groups a trigger may change (V2 events) need this plan at least:
    // https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
    featurePlan: FeaturePlan.ESSENTIALS,
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    standardAttributes: { email: { required: true, mutable: true }, fullname: { mutable: true } },
    customAttributes: { groups: new StringAttribute({ mutable: true, maxLen: 2048 }) },
    accountRecovery: AccountRecovery.NONE,
    mfa: Mfa.OPTIONAL,
    mfaSecondFactor: { sms: false, otp: true },
    passwordPolicy: {
      minLength: 14,
      requireLowercase: true,
      requireUppercase: true,
      requireDigits: true,
      requireSymbols: true,
      tempPasswordValidity: Duration.days(1),
    },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  acknowledge(pool, {
    'AwsSolutions-COG2':
      'People sign in at the company’s provider, which requires the second factor. The pool only mirrors them, and no one knows its users’ passwords.',
    'AwsSolutions-COG8': 'Threat protection of the Plus plan monitors password sign-ins. This pool has none.',
  });

  const { admins, users, auditors, records } = deployment.groups;
  const groups = { Admins: admins, Users: users, Auditors: auditors, Records: records };
  for (const [id, groupName] of Object.entries(groups)) {
    new UserPoolGroup(stack, id, { userPool: pool, groupName });
  }

  let supported = [UserPoolClientIdentityProvider.COGNITO];
  if (federation) {
    const provider = addProvider(stack, { pool, federation, callbackUrls });
    supported = [UserPoolClientIdentityProvider.custom(provider.providerName)];
    const trigger = createImageFunction(stack, {
      id: 'PreToken',
      description: 'adds the mapped groups to tokens',
      word: 'lambda-pre-token',
      image,
      deployment,
      memory: 512,
      timeout: Duration.seconds(5), // Cognito waits no longer
      environment: createPreTokenEnvironment(deployment),
    });
    pool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, trigger, LambdaVersion.V2_0);
    createAlarms(stack, data.alarmTopic).add('PreTokenErrors', {
      metric: trigger.metricErrors({ period: Duration.minutes(5) }),
      threshold: 1,
      description: 'The user pool issues no tokens because its trigger failed.',
    });
  }
  if (domainPrefix) pool.addDomain('Domain', { cognitoDomain: { domainPrefix } });
  const client = addClient(stack, { pool, callbackUrls, supported, signsIn: Boolean(domainPrefix) });

  pool.addResourceServer('Scopes', {
    identifier: resourceServer,
    userPoolResourceServerName: 'Paperlift',
    scopes: machineScopes.map(
      (scope) => new ResourceServerScope({ scopeName: scope, scopeDescription: permissions[scope] }),
    ),
  });

  new CfnOutput(stack, 'UserPoolId', { value: pool.userPoolId });
  new CfnOutput(stack, 'ClientId', { value: client.userPoolClientId });
  const tokenUrl =
    domainPrefix && `https://${domainPrefix}.auth.${stack.region}.amazoncognito.com/oauth2/token`;
  return { stack, pool, client, tokenUrl };
}

export type IdentityStack = ReturnType<typeof createIdentityStack>;

function addProvider(
  stack: Stack,
  given: {
    pool: UserPool;
    federation: NonNullable<Deployment['identity']['federation']>;
    callbackUrls: string[];
  },
) {
  const { email, name, groups } = given.federation.attributes;
  return new UserPoolIdentityProviderSaml(stack, 'Company', {
    userPool: given.pool,
    name: 'Company',
    metadata: UserPoolIdentityProviderSamlMetadata.url(given.federation.metadataUrl),
    attributeMapping: {
      email: ProviderAttribute.other(email),
      fullname: ProviderAttribute.other(name),
      custom: { 'custom:groups': ProviderAttribute.other(groups) },
    },
  });
}

/** A public client: code grant with PKCE, or passwords by SRP where the pool has no sign-in page. */
function addClient(
  stack: Stack,
  given: {
    pool: UserPool;
    callbackUrls: string[];
    supported: UserPoolClientIdentityProvider[];
    signsIn: boolean;
  },
) {
  const client = new UserPoolClient(stack, 'Client', {
    userPool: given.pool,
    generateSecret: false,
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    accessTokenValidity: Duration.hours(1),
    idTokenValidity: Duration.hours(1),
    refreshTokenValidity: Duration.days(1),
    supportedIdentityProviders: given.supported,
    disableOAuth: !given.signsIn,
    authFlows: given.signsIn ? {} : { userSrp: true },
    ...(given.signsIn
      ? {
          oAuth: {
            flows: { authorizationCodeGrant: true },
            scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
            callbackUrls: given.callbackUrls,
          },
        }
      : {}),
  });
  for (const dependency of stack.node.children) {
    if (dependency instanceof UserPoolIdentityProviderSaml) client.node.addDependency(dependency);
  }
  return client;
}
