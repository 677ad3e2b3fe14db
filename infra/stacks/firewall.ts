// The web application firewall in front of the web: AWS's lists, and limits for each address.
import { ArnFormat, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnIPSet, CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import type { Deployment } from '../config.ts';
import { createAlarms } from './alarms.ts';
import type { DataStack } from './data.stack.ts';

type Rule = CfnWebACL.RuleProperty;
type Statement = CfnWebACL.StatementProperty;
type Limits = Exclude<Deployment['firewall'], false>;

/**
 * Rules of the common rule set that only label a request. Bodies are documents and corrections of their text, which may hold
 * anything. Signed SAML messages make long queries. Programs need not name themselves.
 * https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
 */
const counted = [
  'SizeRestrictions_BODY',
  'CrossSiteScripting_BODY',
  'GenericLFI_BODY',
  'GenericRFI_BODY',
  'EC2MetaDataSSRF_BODY',
  'SizeRestrictions_QUERYSTRING',
  'NoUserAgent_HEADER',
];

/** Labels of bodies that are refused where no document belongs. */
const refusedAtSignIn = [
  'CrossSiteScripting_Body',
  'GenericLFI_Body',
  'GenericRFI_Body',
  'EC2MetaDataSSRF_Body',
];

/** Headers that hold secrets. */
const secretHeaders = ['authorization', 'cookie', 'x-csrf-token'];

/** Puts a firewall in front of a load balancer or a stage of an API. Without one where the deployment has none. */
export function addFirewall(
  stack: Stack,
  given: { deployment: Deployment; data: DataStack; resourceArn: string },
) {
  const { deployment, data, resourceArn } = given;
  if (!deployment.firewall) return;
  const name = stack.stackName;
  const acl = new CfnWebACL(stack, 'Firewall', {
    name,
    description: 'Paperlift: what reaches the web',
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    visibilityConfig: visibility(name),
    rules: createRules(stack, deployment.firewall).map((rule, priority) => ({ ...rule, priority })),
    customResponseBodies: {
      tooMany: {
        contentType: 'APPLICATION_JSON',
        content: JSON.stringify({
          status: 429,
          code: 'too-many-requests',
          title: 'Too many requests',
          detail: 'Too many requests come from your network. Try again in five minutes.',
        }),
      },
    },
    // samples in the console would show them to everyone who may look at the firewall
    dataProtectionConfig: {
      dataProtections: [
        { field: { fieldType: 'SINGLE_HEADER', fieldKeys: secretHeaders }, action: 'SUBSTITUTION' },
        { field: { fieldType: 'QUERY_STRING' }, action: 'SUBSTITUTION' },
        { field: { fieldType: 'BODY' }, action: 'SUBSTITUTION' },
      ],
    },
  });
  const association = new CfnWebACLAssociation(stack, 'FirewallAssociation', {
    resourceArn,
    webAclArn: acl.attrArn,
  });
  addLog(stack, { deployment, acl });
  createAlarms(stack, data.alarmTopic).add('FirewallBlocks', {
    metric: new Metric({
      namespace: 'AWS/WAFV2',
      metricName: 'BlockedRequests',
      dimensionsMap: { WebACL: name, Rule: 'ALL', Region: stack.region },
      statistic: 'Sum',
      period: Duration.minutes(5),
    }),
    threshold: 500,
    periods: 2,
    description: 'The firewall refuses many requests: an attack, or limits that are too low for an office.',
  });
  return association;
}

function createRules(stack: Stack, limits: Limits): Omit<Rule, 'priority'>[] {
  const uncounted =
    limits.uncounted.length > 0
      ? new CfnIPSet(stack, 'FirewallUncounted', {
          scope: 'REGIONAL',
          ipAddressVersion: 'IPV4',
          addresses: limits.uncounted,
          description: 'Paperlift: networks whose people share an address',
        })
      : undefined;
  const elsewhere: Statement[] = uncounted
    ? [{ notStatement: { statement: { ipSetReferenceStatement: { arn: uncounted.attrArn } } } }]
    : [];
  const atSignIn = startsWith('/auth/');
  const labels = refusedAtSignIn.map(
    (label): Statement => ({
      labelMatchStatement: { scope: 'LABEL', key: `awswaf:managed:aws:core-rule-set:${label}` },
    }),
  );
  return [
    limit('SignIns', limits.signInsPerFiveMinutes, allOf([atSignIn, ...elsewhere])),
    limit('Requests', limits.requestsPerFiveMinutes, allOf(elsewhere)),
    managed('AWSManagedRulesAmazonIpReputationList'),
    managed('AWSManagedRulesKnownBadInputsRuleSet'),
    managed('AWSManagedRulesCommonRuleSet', counted),
    {
      name: 'BodiesAtSignIn',
      statement: { andStatement: { statements: [atSignIn, { orStatement: { statements: labels } }] } },
      action: { block: {} },
      visibilityConfig: visibility('BodiesAtSignIn'),
    },
  ];
}

/** Answers 429 to an address that sends more. */
function limit(
  name: string,
  most: number,
  scopeDownStatement: Statement | undefined,
): Omit<Rule, 'priority'> {
  return {
    name,
    statement: {
      rateBasedStatement: {
        aggregateKeyType: 'IP',
        limit: most,
        evaluationWindowSec: 300,
        ...(scopeDownStatement && { scopeDownStatement }),
      },
    },
    action: {
      block: {
        customResponse: {
          responseCode: 429,
          customResponseBodyKey: 'tooMany',
          responseHeaders: [
            { name: 'Retry-After', value: '300' },
            { name: 'Cache-Control', value: 'no-store' },
          ],
        },
      },
    },
    visibilityConfig: visibility(name),
  };
}

function managed(name: string, onlyCounted: string[] = []): Omit<Rule, 'priority'> {
  return {
    name,
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides: onlyCounted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    overrideAction: { none: {} },
    visibilityConfig: visibility(name),
  };
}

/** The path, decoded and without dot segments, so that no way of writing it passes by. */
function startsWith(searchString: string): Statement {
  return {
    byteMatchStatement: {
      fieldToMatch: { uriPath: {} },
      positionalConstraint: 'STARTS_WITH',
      searchString,
      textTransformations: [
        { priority: 0, type: 'URL_DECODE' },
        { priority: 1, type: 'NORMALIZE_PATH' },
        { priority: 2, type: 'LOWERCASE' },
      ],
    },
  };
}

function allOf(statements: Statement[]): Statement | undefined {
  return statements.length > 1 ? { andStatement: { statements } } : statements[0];
}

function visibility(metricName: string) {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
}

/** What was refused or labelled, without secrets. A firewall logs to groups with this prefix only. */
function addLog(stack: Stack, { deployment, acl }: { deployment: Deployment; acl: CfnWebACL }) {
  const log = new LogGroup(stack, 'FirewallLog', {
    logGroupName: `aws-waf-logs-${stack.stackName}`,
    retention: deployment.logDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new CfnLoggingConfiguration(stack, 'FirewallLogging', {
    resourceArn: acl.attrArn,
    // without the `:*` of the group's own ARN, which is refused
    logDestinationConfigs: [
      stack.formatArn({
        service: 'logs',
        resource: 'log-group',
        resourceName: log.logGroupName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    ],
    redactedFields: [
      ...secretHeaders.map((header) => ({ singleHeader: { Name: header } })),
      { queryString: {} },
    ],
    loggingFilter: {
      DefaultBehavior: 'DROP',
      Filters: [
        {
          Behavior: 'KEEP',
          Requirement: 'MEETS_ANY',
          Conditions: [{ ActionCondition: { Action: 'BLOCK' } }, { ActionCondition: { Action: 'COUNT' } }],
        },
      ],
    },
  });
}
