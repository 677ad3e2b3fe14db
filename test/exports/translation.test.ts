// Exports with a translation, over HTTP and with a stand-in for Amazon Translate in its documented shapes.
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { strFromU8, unzipSync } from 'fflate';
import { createTextTranslator } from '../../src/exports/text-translator.ts';
import { TryAgainError } from '../../src/jobs/leased-job.ts';
import { createMetrics } from '../../src/runtime/metrics.ts';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addPage, type Client } from '../support/shown-pages.ts';
import { blocksOf } from '../support/textract-stub.ts';
import { waitFor } from '../support/wait.ts';

const english = [
  'The invoice is due within thirty days of the',
  'date on which the goods were delivered to you.',
];
const german = ['Die Rechnung ist innerhalb von dreißig Tagen zu bezahlen.', 'Mit freundlichen Grüßen'];
let lines = english;
let paperlift: Paperlift;
let alice: Client;
let jpeg: Buffer;
before(async () => {
  jpeg = await textJpeg(['Any']);
  paperlift = await startPaperlift({
    worker: true,
    textract: () => blocksOf(lines),
    otherServiceFaults: true,
    env: {
      PIPELINE_STEPS: 'translate exports into German, French',
      TRANSLATION_PRICE_PER_MILLION_CHARACTERS: '1000000',
      METRICS_PORT: '0',
      HOST: '127.0.0.1',
      JOB_LEASE_SECONDS: '4',
    },
  });
  alice = await paperlift.signIn('alice@example.com');
});
after(() => paperlift.stop());
beforeEach(() => {
  lines = english;
  paperlift.otherServices.calls.length = 0;
});

const aws = (name: string, status = 400) => ({
  kind: 'answer' as const,
  status,
  type: 'application/x-amz-json-1.1',
  body: JSON.stringify({ __type: name, message: 'no' }),
});
const sent = () =>
  paperlift.otherServices.calls.map(({ body }) => JSON.parse(body.toString()) as Record<string, string>);

async function addRead(shown = lines) {
  lines = shown;
  const page = await addPage(alice, { jpeg });
  await page.whenReady();
  return page;
}

type Added = Awaited<ReturnType<typeof addRead>>;

async function request({ call, project }: Added, body: object) {
  const asked = await call('post', `/projects/${project}/exports`).send(body);
  assert.equal(asked.status, 202, asked.text);
  const address = `/projects/${project}/exports/${asked.body.id}`;
  const ended = await waitFor('the export', async () => {
    const { body: item } = await call('get', address);
    return ['ready', 'failed'].includes(item.status) ? item : undefined;
  });
  const read = async () =>
    (await call('get', `${address}/file`).responseType('blob')) as {
      body: Buffer;
      headers: Record<string, string>;
    };
  return { ...ended, read };
}
const toGerman = { format: 'txt', translateTo: 'de' };
const textOf = async (item: { read: () => Promise<{ body: Buffer }> }) => (await item.read()).body.toString();

async function listKeys(prefix: string): Promise<string[]> {
  const { region, s3 } = paperlift.config.aws;
  const client = new S3Client({ region, endpoint: s3.endpoint as string, forcePathStyle: true });
  const { Contents = [] } = await client.send(
    new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: prefix }),
  );
  client.destroy();
  return Contents.map(({ Key = '' }) => Key);
}

async function cost(): Promise<number> {
  const { port } = paperlift.measuring.address as AddressInfo;
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^paperlift_step_cost_total\{step="translation"\} (\S+)$/m.exec(text)?.[1] ?? 0);
}

test('plain text has the original above the translation, and its name says the language', async () => {
  const item = await request(await addRead(), toGerman);
  assert.deepEqual([item.status, item.translateTo], ['ready', 'de']);
  const joined = english.join(' ');
  assert.equal(
    await textOf(item),
    `— Page 1: original in English —\n\n${english.join('\n')}\n\n— translated into German by Amazon Translate —\n\n[de] ${joined}\n`,
  );
  assert.match((await item.read()).headers['content-disposition'] ?? '', /Any way up\.de\.txt/);
  assert.deepEqual(sent(), [{ Text: joined, SourceLanguageCode: 'en', TargetLanguageCode: 'de' }]);
});

test('a Word document has both side by side, each marked with its language', async () => {
  const item = await request(await addRead(), { format: 'docx', translateTo: 'fr' });
  const { body } = await item.read();
  const xml = strFromU8(unzipSync(body)['word/document.xml'] as Uint8Array);
  const cells = xml.split('<w:tc>').slice(1);
  assert.equal(cells.length, 4);
  const [left, right, original, translated] = cells.map((cell) => ({
    text: [...cell.matchAll(/<w:t(?: [^>]*)?>([^<]*)</g)].map(([, words]) => words).join('\n'),
    language: /<w:lang w:val="(\w+)"/.exec(cell)?.[1],
  }));
  assert.deepEqual(
    [left?.text, right?.text],
    ['Original in English', 'Translated into French by Amazon Translate'],
  );
  assert.deepEqual(original, { text: english.join('\n'), language: 'en' });
  assert.deepEqual(translated, { text: `[fr] ${english.join(' ')}`, language: 'fr' });
});

test('what was translated is paid for once, by its characters, and goes with its page', async () => {
  const page = await addRead();
  const before = await cost();
  await request(page, toGerman);
  await request(page, { format: 'docx', translateTo: 'de' });
  assert.equal(sent().length, 1);
  assert.equal((await cost()) - before, english.join(' ').length);
  const id = page.path.split('/').at(-1) as string;
  const { stores, pageActions } = paperlift.services;
  const listStored = () => listKeys(`projects/${page.project}/pages/${id}/translations/`);
  assert.equal((await listStored()).length, 1);
  const stored = await stores.pages.find(page.project, id);
  assert.equal((await page.call('delete', page.path)).status, 204);
  assert.ok(stored);
  await pageActions.erase(stored);
  assert.deepEqual(await listStored(), []);
});

test('a page that is in the language already, is empty or in no language is not translated, and the file says so', async () => {
  const already = await textOf(await request(await addRead(german), toGerman));
  assert.match(already, /original in German —\n\nDie Rechnung[\s\S]*— already in German —\n$/);
  assert.match(await textOf(await request(await addRead([]), toGerman)), /— no text —\n$/);
  assert.deepEqual(sent(), []);
  const unknown = await textOf(await request(await addRead(['12 34 56']), toGerman));
  assert.match(unknown, /12 34 56\n\n— not translated: its language couldn’t be recognised —\n$/);
  assert.equal(sent()[0]?.SourceLanguageCode, 'auto');
});

test('a text of more than 10,000 bytes is sent in parts, cut at sentences', async () => {
  const sentence = 'The goods were delivered to you on the date that is named above.';
  const item = await request(await addRead(Array(400).fill(sentence)), toGerman);
  const parts = sent().map(({ Text = '' }) => Text);
  assert.ok(parts.length > 1);
  for (const part of parts) {
    assert.ok(Buffer.byteLength(part) <= 10_000);
    assert.ok(part.startsWith('The goods') && part.endsWith('above.'));
  }
  assert.equal((await textOf(item)).split('[de] The goods').length - 1, 400);
});

test('an export goes on where it stopped after an outage and while permissions are missing', async () => {
  const page = await addRead();
  for (const [name, translateTo] of [
    ['TooManyRequestsException', 'de'],
    ['AccessDeniedException', 'fr'],
  ] as const) {
    let left = 4; // more than an export's three attempts, where the SDK does not retry itself
    const stop = paperlift.otherServices.when(/TranslateText/, () => (left-- > 0 ? aws(name) : undefined));
    const item = await request(page, { format: 'txt', translateTo });
    stop();
    assert.equal(item.status, 'ready');
  }
  assert.ok(paperlift.logs.entries().some(({ alarm }) => alarm === true));
});

test('errors of the account and of the network use up no attempts, errors of the answer do', async () => {
  const countsAsAttempt = async (name: string) => {
    const send = async () => {
      throw Object.assign(new Error('no'), { name });
    };
    const translator = createTextTranslator({
      translate: { send } as never,
      pricePerMillion: 1,
      metrics: createMetrics(),
    });
    const { signal } = new AbortController();
    const error = await translator.translate('Any', { from: 'en', to: 'de', signal }).catch((it) => it);
    assert.ok(error instanceof TryAgainError, name);
    return error.countsAsAttempt;
  };
  for (const name of [
    'TooManyRequestsException',
    'ThrottlingException',
    'LimitExceededException',
    'AccessDeniedException',
    'AbortError',
    'TimeoutError',
  ])
    assert.equal(await countsAsAttempt(name), false, name);
  for (const name of ['InvalidRequestException', 'SyntaxError'])
    assert.equal(await countsAsAttempt(name), true, name);
});

test('a pair that the service does not offer, or an answer of nonsense, fails the export, which can be tried again', async () => {
  const page = await addRead();
  const stop = paperlift.otherServices.when(/TranslateText/, aws('UnsupportedLanguagePairException'));
  const failed = await request(page, toGerman);
  stop();
  assert.deepEqual(failed.failure, {
    code: 'language-pair-unsupported',
    message: 'Amazon Translate can’t translate English into German. Choose another language.',
  });
  const stopNonsense = paperlift.otherServices.when(/TranslateText/, { ...aws(''), status: 200, body: '{}' });
  assert.equal((await request(page, toGerman)).failure.code, 'tried-too-often');
  stopNonsense();
  const shown = await alice.agent.get(`/projects/${page.project}/exports`);
  assert.match(shown.text, /name="translateTo" value="de">\s*<button class="button" id="again-/);
  assert.equal((await request(page, toGerman)).status, 'ready');
});

test('only what the deployment names is offered', async () => {
  const page = await addRead();
  const ask = (body: object) => page.call('post', `/projects/${page.project}/exports`).send(body);
  for (const body of [
    { ...toGerman, translateTo: 'es' },
    { format: 'json', translateTo: 'de' },
  ]) {
    const refused = await ask(body);
    assert.deepEqual([refused.status, refused.body.code], [400, 'translation-not-offered']);
    assert.match(JSON.stringify(refused.body), /German and French/);
  }
  const shown = (await alice.agent.get(`/projects/${page.project}/exports`)).text;
  const offered = [...shown.matchAll(/<option value="(\w+)">/g)].map(([, tag]) => tag);
  assert.deepEqual(offered, ['de', 'fr']);
  const plain = await request(page, { format: 'txt' });
  assert.equal(await textOf(plain), `${english.join('\n')}\n`);
});

test('without the step nothing is offered', async () => {
  const other = await startPaperlift();
  try {
    const bob = await other.signIn('bob@example.com');
    const project = await bob.agent
      .post('/api/v1/projects')
      .set('x-csrf-token', bob.csrfToken)
      .send({ name: 'A' });
    const shown = await bob.agent.get(`/projects/${project.body.id}/exports`);
    assert.doesNotMatch(shown.text, /translate/i);
  } finally {
    await other.stop();
  }
});
