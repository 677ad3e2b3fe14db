import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseEnv } from 'node:util';
import { loadConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/errors.ts';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const example = parseEnv(read('.env.example')) as Record<string, string>;
const good = { ...example, SAML_IDP_CERTIFICATE_FILE: '', SAML_IDP_CERTIFICATE: 'MIIC' };

function mistakesOf(env: Record<string, string>): string {
  try {
    loadConfig(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return '';
}

test('the example is a good configuration and names every variable there is', () => {
  assert.equal(mistakesOf(good), '');
  const sources = ['environment', 'search.config', 'telemetry.config']
    .map((name) => read(`src/config/${name}.ts`))
    .join('\n');
  const known = [...sources.matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map((match) => match[1]);
  const mentioned = [...read('.env.example').matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]);
  assert.ok(known.length > 40);
  assert.deepEqual(
    known.filter((name) => !mentioned.includes(name)),
    [],
  );
});

test('an operator is told all mistakes at once', () => {
  const mistakes = mistakesOf({ ...good, S3_BUCKET: '', SESSION_SECRET: 'short', PORT: 'eighty' });
  for (const name of ['S3_BUCKET: is missing', 'SESSION_SECRET: ', 'PORT: '])
    assert.ok(mistakes.includes(name), name);
});

test('optional steps are read as sentences, and every mistake in them is named', () => {
  const stepsOf = (PIPELINE_STEPS: string) => loadConfig({ ...good, PIPELINE_STEPS }).pipeline;
  assert.deepEqual(stepsOf(''), { moderation: undefined, translation: undefined });
  assert.deepEqual(stepsOf('moderate images').moderation, {
    minConfidence: 80,
    except: [],
    pricePerImage: 0,
  });
  const both = stepsOf(
    ' Moderate images at 75.5 % except Alcohol, Drugs & Tobacco;\ntranslate exports into German, fr and EN. ',
  );
  assert.deepEqual(
    [both.moderation?.minConfidence, both.moderation?.except],
    [75.5, ['alcohol', 'drugs & tobacco']],
  );
  assert.deepEqual(both.translation?.into, ['de', 'fr', 'en']);
  assert.equal(stepsOf('translate exports').translation?.into.length, 14);
  const onAws = { REKOGNITION_ENDPOINT: '', TRANSLATE_ENDPOINT: '' };
  const priced = loadConfig({
    ...good,
    ...onAws,
    PIPELINE_STEPS: 'moderate images;translate exports',
  }).pipeline;
  assert.deepEqual([priced.moderation?.pricePerImage, priced.translation?.pricePerMillion], [0.001, 15]);
  const mistakes = mistakesOf({
    ...good,
    PORT: 'eighty',
    PIPELINE_STEPS: 'moderate pictures; moderate images at 120 percent; translate exports into Klingon',
  });
  for (const mistake of [
    'PORT: ',
    'PIPELINE_STEPS: does not understand “moderate pictures”: use “moderate images',
    'PIPELINE_STEPS: moderates images at 120 percent: use 1 to 100',
    'PIPELINE_STEPS: does not know the language “Klingon”',
  ])
    assert.ok(mistakes.includes(mistake), mistake);
  assert.match(mistakesOf({ ...good, PIPELINE_STEPS: 'moderate images;moderate images' }), /twice/);
});

test('languages are known ones, in any case, and a mistake names them', () => {
  assert.deepEqual(loadConfig(good).languages.defaults, []);
  assert.deepEqual(loadConfig({ ...good, DEFAULT_LANGUAGES: 'DE, en,de' }).languages.defaults, ['de', 'en']);
  const mistakes = mistakesOf({ ...good, DEFAULT_LANGUAGES: 'en,tlh,xx', PORT: 'eighty' });
  for (const mistake of ['PORT: ', 'DEFAULT_LANGUAGES: does not know "tlh": use en (English)', '"xx"'])
    assert.ok(mistakes.includes(mistake), mistake);
});

test('Amazon Textract reads where no other endpoint is named, or one of AWS', () => {
  const readsBy = (endpoint: string) =>
    loadConfig({ ...good, TEXTRACT_ENDPOINT: endpoint }).languages.isReadByTextract;
  assert.equal(readsBy(''), true);
  assert.equal(readsBy('https://vpce-0a.textract.eu-central-1.vpce.amazonaws.com'), true);
  assert.equal(readsBy('http://textract:4580'), false);
});

test('the session secret may come out of a file, and one that cannot be read is a mistake', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'paperlift-config-'));
  const file = join(directory, 'session-secret');
  const secret = 'a secret that is long enough to be one';
  await writeFile(file, `${secret}\n`);
  const fromFile = { ...good, SESSION_SECRET: '', SESSION_SECRET_FILE: file };
  assert.equal(loadConfig(fromFile).session.secret, secret);
  assert.equal(
    loadConfig({ ...fromFile, SESSION_SECRET: 'the variable wins when both of them are set' }).session.secret,
    'the variable wins when both of them are set',
  );
  await rm(directory, { recursive: true });
  assert.match(mistakesOf(fromFile), /SESSION_SECRET_FILE: ENOENT/);
});

test('settings that would open a hole are refused', () => {
  const holes: Record<string, Record<string, string>> = {
    'PUBLIC_URL: must be https': { PUBLIC_URL: 'http://paperlift.example.com' },
    'at least one must be true': { SAML_WANT_ASSERTION_SIGNED: 'false', SAML_WANT_RESPONSE_SIGNED: 'false' },
    SAML_CLOCK_SKEW_MS: { SAML_CLOCK_SKEW_MS: '-1' },
    SAML_IDP_CERTIFICATE: { SAML_IDP_CERTIFICATE: '' },
    'not a Paperlift group': { GROUP_TABLE: '{"Everyone":"root"}' },
    'GROUP_TABLE: is not valid JSON': { GROUP_TABLE: 'Everyone=users' },
  };
  for (const [name, env] of Object.entries(holes)) {
    assert.ok(mistakesOf({ ...good, ...env }).includes(name), name);
  }
});

test('traces are off without an endpoint, and a collector is named as OpenTelemetry names it', () => {
  const traces = (env: Record<string, string>) => loadConfig({ ...good, ...env }).traces;
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
  assert.equal(traces({}), undefined);
  assert.equal(traces({ ...endpoint, OTEL_SDK_DISABLED: 'true' }), undefined);
  assert.equal(traces({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }), undefined);
  assert.equal(traces(endpoint)?.url, 'http://collector:4318/v1/traces');
  const whole = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://other/x' };
  assert.equal(traces({ ...endpoint, ...whole })?.url, 'https://other/x');
  const given = traces({
    ...endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc, x-team = a',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_SERVICE_NAME: 'scans',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.01',
  });
  assert.deepEqual(given?.headers, { authorization: 'Bearer abc', 'x-team': 'a' });
  assert.deepEqual(given?.sampler, { name: 'parentbased_traceidratio', ratio: 0.01 });
  assert.deepEqual(given?.resource, { 'deployment.environment.name': 'test', 'service.name': 'scans' });
  const mistakes = mistakesOf({
    ...good,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_HEADERS: 'nothing',
    OTEL_TRACES_SAMPLER_ARG: '2',
  });
  for (const name of ['PROTOCOL: only http/json', 'HEADERS: must be name=value', 'SAMPLER_ARG: '])
    assert.ok(mistakes.includes(name), `${name} of ${mistakes}`);
});
