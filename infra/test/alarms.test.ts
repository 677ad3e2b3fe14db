import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Json, resourceOf, resourcesOf, synthesize } from '../synthesize.ts';

const { templates, findings } = synthesize();
const alarmsOf = (template: Json) =>
  resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(({ id }) => !id.includes('TaskCount'));
const metricsOf = (template: Json) => alarmsOf(template).map(({ Properties }) => Properties.MetricName);

describe('alarms', () => {
  test('sound for every dead-letter queue as soon as one job lies in it', () => {
    const dead = resourcesOf(templates.Data, 'AWS::SQS::Queue').filter(({ id }) => id.includes('Dead'));
    assert.equal(dead.length, 2);
    for (const { id } of dead) {
      const alarm = alarmsOf(templates.Data).find(({ Properties }) =>
        Properties.Dimensions?.some(({ Value }: Json) => Value['Fn::GetAtt']?.[0] === id),
      );
      assert.equal(alarm?.Properties.MetricName, 'ApproximateNumberOfMessagesVisible', id);
      assert.equal(alarm?.Properties.Threshold, 1);
      assert.equal(alarm?.Properties.ComparisonOperator, 'GreaterThanOrEqualToThreshold');
      assert.equal(alarm?.Properties.EvaluationPeriods, 1);
    }
  });

  test('sound for jobs that wait long, errors and throttling, in both ways of running', () => {
    const inData = metricsOf(templates.Data);
    assert.equal(inData.filter((name) => name === 'ApproximateAgeOfOldestMessage').length, 2);
    assert.ok(inData.includes('ThrottledCount'));
    const onFargate = metricsOf(templates.Fargate);
    for (const name of [
      'HTTPCode_Target_5XX_Count',
      'HTTPCode_ELB_5XX_Count',
      'UnHealthyHostCount',
      'RunningTaskCount',
    ])
      assert.ok(onFargate.includes(name), name);
    const onLambda = metricsOf(templates.Lambda);
    assert.ok(onLambda.includes('5XXError'));
    for (const name of ['Errors', 'Throttles'])
      assert.equal(onLambda.filter((metric) => metric === name).length, 2, name);
  });

  test('all reach the topic, and so the operator’s mail', () => {
    for (const part of ['Data', 'Identity', 'Fargate', 'Lambda'] as const) {
      for (const { id, Properties } of alarmsOf(templates[part])) {
        assert.match(JSON.stringify(Properties.AlarmActions), /Alarms04B5A0BF/, id);
        assert.ok(Properties.AlarmDescription.length > 10, id);
      }
    }
    const { Protocol, Endpoint } = resourceOf(templates.Data, 'AWS::SNS::Subscription').Properties;
    assert.deepEqual([Protocol, Endpoint], ['email', 'operations@example.com']);
    const [publishing] = resourceOf(
      templates.Data,
      'AWS::SNS::TopicPolicy',
    ).Properties.PolicyDocument.Statement.filter(({ Effect }: Json) => Effect === 'Allow');
    assert.deepEqual(
      [publishing.Principal, publishing.Action],
      [{ Service: 'cloudwatch.amazonaws.com' }, 'sns:Publish'],
    );
    const key = resourceOf(templates.Data, 'AWS::KMS::Key').Properties.KeyPolicy.Statement;
    assert.ok(
      key.some(({ Principal }: Json) => Principal.Service === 'cloudwatch.amazonaws.com'),
      'CloudWatch may use the topic’s key, or no alarm would be told',
    );
  });

  test('are few enough to read: each way of running has one dashboard', () => {
    for (const part of ['Fargate', 'Lambda'] as const)
      assert.equal(resourcesOf(templates[part], 'AWS::CloudWatch::Dashboard').length, 1);
  });
});

test('the AWS Solutions rules find nothing that has no reason', () => {
  assert.deepEqual(findings, []);
});
