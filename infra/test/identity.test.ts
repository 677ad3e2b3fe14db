import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { machineScopes } from '../../src/people/service-account.ts';
import { resourceOf, resourcesOf, synthesize } from '../synthesize.ts';

const { Identity: identity } = synthesize().templates;
const pool = resourceOf(identity, 'AWS::Cognito::UserPool').Properties;
const client = resourceOf(identity, 'AWS::Cognito::UserPoolClient').Properties;

describe('the user pool', () => {
  test('lets nobody sign up', () => {
    assert.equal(pool.AdminCreateUserConfig.AllowAdminCreateUserOnly, true);
  });

  test('has the three groups, and people named by mail address', () => {
    const groups = resourcesOf(identity, 'AWS::Cognito::UserPoolGroup').map(
      ({ Properties }) => Properties.GroupName,
    );
    assert.deepEqual(groups.sort(), [
      'paperlift-admins',
      'paperlift-auditors',
      'paperlift-records',
      'paperlift-users',
    ]);
    assert.deepEqual(pool.UsernameAttributes, ['email']);
  });

  test('asks the company’s provider, and puts the groups of the table into both tokens', () => {
    const provider = resourceOf(identity, 'AWS::Cognito::UserPoolIdentityProvider').Properties;
    assert.equal(provider.ProviderType, 'SAML');
    assert.equal(provider.ProviderDetails.MetadataURL, 'https://idp.example.com/metadata');
    assert.deepEqual(provider.AttributeMapping, { email: 'email', name: 'name', 'custom:groups': 'groups' });
    assert.ok(pool.Schema.some(({ Name }: { Name: string }) => Name === 'groups'));
    // events of version 1 cannot change access tokens, and those of version 2 need the plan
    assert.equal(pool.LambdaConfig.PreTokenGenerationConfig.LambdaVersion, 'V2_0');
    assert.equal(pool.UserPoolTier, 'ESSENTIALS');
    const trigger = resourceOf(identity, 'AWS::Lambda::Function', 'PreToken').Properties;
    assert.deepEqual(trigger.ImageConfig, { Command: ['lambda-pre-token'] });
    assert.ok(trigger.Timeout <= 5, 'Cognito waits five seconds');
  });

  test('gives tokens by code to a client that can keep no secret', () => {
    assert.deepEqual(client.AllowedOAuthFlows, ['code']);
    assert.equal(client.GenerateSecret, false);
    assert.deepEqual(client.CallbackURLs, ['http://localhost:8400/callback']);
    assert.equal(client.PreventUserExistenceErrors, 'ENABLED');
    assert.equal(client.EnableTokenRevocation, true);
  });

  test('has a scope for each permission that a program may have', () => {
    const server = resourceOf(identity, 'AWS::Cognito::UserPoolResourceServer').Properties;
    assert.equal(server.Identifier, 'paperlift');
    assert.deepEqual(
      server.Scopes.map(({ ScopeName }: { ScopeName: string }) => ScopeName),
      machineScopes,
    );
  });

  test('without federation has neither trigger nor provider', () => {
    const { templates, findings } = synthesize({ identity: {} });
    assert.deepEqual(findings, []);
    assert.deepEqual(resourcesOf(templates.Identity, 'AWS::Lambda::Function'), []);
    assert.equal(resourceOf(templates.Identity, 'AWS::Cognito::UserPool').Properties.LambdaConfig, undefined);
    const { AllowedOAuthFlows, ExplicitAuthFlows } = resourceOf(
      templates.Identity,
      'AWS::Cognito::UserPoolClient',
    ).Properties;
    assert.equal(AllowedOAuthFlows, undefined);
    assert.deepEqual(ExplicitAuthFlows, ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH']);
  });
});
