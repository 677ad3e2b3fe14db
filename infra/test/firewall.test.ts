import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Json, resourceOf, resourcesOf, synthesize } from '../synthesize.ts';

const { templates } = synthesize();
const parts = ['Fargate', 'Lambda'] as const;
const firewallOf = (template: Json) => resourceOf(template, 'AWS::WAFv2::WebACL').Properties;
const ruleOf = (template: Json, name: string): Json =>
  firewallOf(template).Rules.find(({ Name }: Json) => Name === name);

describe('the firewall', () => {
  test('stands before the load balancer and before the API', () => {
    const inFrontOf = parts.map(
      (part) => resourceOf(templates[part], 'AWS::WAFv2::WebACLAssociation').Properties.ResourceArn,
    );
    const balancer = resourceOf(templates.Fargate, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
    assert.deepEqual(inFrontOf[0], { Ref: balancer.id });
    const stage = resourceOf(templates.Lambda, 'AWS::ApiGateway::Stage');
    assert.match(JSON.stringify(inFrontOf[1]), new RegExp(`restapis/.*/stages/.*${stage.id}`));
  });

  for (const part of parts) {
    const template = templates[part];

    test(`on ${part} refuses known attackers and known attacks`, () => {
      const groups = firewallOf(template).Rules.flatMap(
        ({ Statement, OverrideAction }: Json) =>
          (OverrideAction?.None && Statement.ManagedRuleGroupStatement?.Name) ?? [],
      );
      assert.deepEqual(groups, [
        'AWSManagedRulesAmazonIpReputationList',
        'AWSManagedRulesKnownBadInputsRuleSet',
        'AWSManagedRulesCommonRuleSet',
      ]);
    });

    test(`on ${part} lets scans and corrections through, however large and whatever they say`, () => {
      const { Statement } = ruleOf(template, 'AWSManagedRulesCommonRuleSet');
      const overrides: Json[] = Statement.ManagedRuleGroupStatement.RuleActionOverrides;
      assert.deepEqual(
        overrides.map(({ Name, ActionToUse }) => [Name, ActionToUse]),
        [
          'SizeRestrictions_BODY',
          'CrossSiteScripting_BODY',
          'GenericLFI_BODY',
          'GenericRFI_BODY',
          'EC2MetaDataSSRF_BODY',
          'SizeRestrictions_QUERYSTRING',
          'NoUserAgent_HEADER',
        ].map((name) => [name, { Count: {} }]),
      );
    });

    test(`on ${part} refuses what the first rules only labelled, at the sign-in and nowhere else`, () => {
      const { Statement, Action } = ruleOf(template, 'BodiesAtSignIn');
      assert.deepEqual(Action, { Block: {} });
      const [{ ByteMatchStatement }, { OrStatement }, ...more] = Statement.AndStatement.Statements;
      assert.deepEqual([ByteMatchStatement.SearchString, more], ['/auth/', []]);
      assert.deepEqual(
        OrStatement.Statements.map((one: Json) => one.LabelMatchStatement.Key.split(':').at(-1)),
        ['CrossSiteScripting_Body', 'GenericLFI_Body', 'GenericRFI_Body', 'EC2MetaDataSSRF_Body'],
      );
      const names: string[] = firewallOf(template).Rules.map(({ Name }: Json) => Name);
      assert.ok(
        names.indexOf('BodiesAtSignIn') > names.indexOf('AWSManagedRulesCommonRuleSet'),
        'labels come first',
      );
      assert.deepEqual(
        firewallOf(template).Rules.map(({ Priority }: Json) => Priority),
        names.map((_, at) => at),
      );
    });

    test(`on ${part} answers 429 to an address that asks without end, sooner at the sign-in`, () => {
      const limits = ['Requests', 'SignIns'].map((name) => {
        const { Statement, Action } = ruleOf(template, name);
        assert.equal(Action.Block.CustomResponse.ResponseCode, 429);
        assert.equal(Statement.RateBasedStatement.AggregateKeyType, 'IP');
        assert.equal(Statement.RateBasedStatement.EvaluationWindowSec, 300);
        return Statement.RateBasedStatement;
      });
      assert.deepEqual(
        limits.map(({ Limit }) => Limit),
        [20_000, 1500],
      );
      assert.equal(limits[0].ScopeDownStatement, undefined);
      const { ByteMatchStatement } = limits[1].ScopeDownStatement;
      assert.deepEqual(
        [ByteMatchStatement.SearchString, ByteMatchStatement.FieldToMatch],
        ['/auth/', { UriPath: {} }],
      );
      // %61uth, /x/../auth and /AUTH are the same path
      assert.deepEqual(
        ByteMatchStatement.TextTransformations.map(({ Type }: Json) => Type),
        ['URL_DECODE', 'NORMALIZE_PATH', 'LOWERCASE'],
      );
    });

    test(`on ${part} writes no session, token or SAML message into its log or its samples`, () => {
      const { RedactedFields, LogDestinationConfigs, LoggingFilter } = resourceOf(
        template,
        'AWS::WAFv2::LoggingConfiguration',
      ).Properties;
      assert.deepEqual(RedactedFields, [
        { SingleHeader: { Name: 'authorization' } },
        { SingleHeader: { Name: 'cookie' } },
        { SingleHeader: { Name: 'x-csrf-token' } },
        { QueryString: {} },
      ]);
      assert.equal(LoggingFilter.DefaultBehavior, 'DROP');
      assert.deepEqual(
        LoggingFilter.Filters[0].Conditions.map((one: Json) => one.ActionCondition.Action),
        ['BLOCK', 'COUNT'],
      );
      assert.doesNotMatch(JSON.stringify(LogDestinationConfigs), /:\*/);
      const log = resourceOf(template, 'AWS::Logs::LogGroup', 'FirewallLog').Properties;
      assert.match(log.LogGroupName, /^aws-waf-logs-/);
      const kept = firewallOf(template).DataProtectionConfig.DataProtections;
      assert.deepEqual(
        kept.map(({ Field, Action }: Json) => [Field.FieldType, Action]),
        [
          ['SINGLE_HEADER', 'SUBSTITUTION'],
          ['QUERY_STRING', 'SUBSTITUTION'],
          ['BODY', 'SUBSTITUTION'],
        ],
      );
    });
  }

  test('takes its limits from the deployment, and does not count an office whose people share an address', () => {
    const { templates: changed, findings } = synthesize({
      firewall: {
        requestsPerFiveMinutes: 50_000,
        signInsPerFiveMinutes: 3000,
        uncounted: ['203.0.113.0/24'],
      },
    });
    assert.deepEqual(findings, []);
    const { Addresses } = resourceOf(changed.Fargate, 'AWS::WAFv2::IPSet').Properties;
    assert.deepEqual(Addresses, ['203.0.113.0/24']);
    for (const [name, most] of [
      ['Requests', 50_000],
      ['SignIns', 3000],
    ] as const) {
      const { Limit, ScopeDownStatement } = ruleOf(changed.Fargate, name).Statement.RateBasedStatement;
      assert.equal(Limit, most);
      assert.match(JSON.stringify(ScopeDownStatement), /"NotStatement":.*IPSetReferenceStatement/, name);
    }
  });

  test('can be left out, where another one stands before Paperlift', () => {
    const { templates: without, findings } = synthesize({ firewall: false });
    assert.deepEqual(findings, []);
    for (const part of parts) assert.deepEqual(resourcesOf(without[part], 'AWS::WAFv2::WebACL'), []);
  });
});
