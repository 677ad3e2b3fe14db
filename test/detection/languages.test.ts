// The languages of a project and of a page, on their way to the text detector.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { startRecordingDetector } from '../support/recording-detector.ts';
import { waitFor } from '../support/wait.ts';

let detector: Awaited<ReturnType<typeof startRecordingDetector>>;
let paperlift: Paperlift;
let alice: Awaited<ReturnType<Paperlift['signIn']>>;
let lines = ['Total 12.50'];
before(async () => {
  detector = await startRecordingDetector(() => lines);
  paperlift = await startPaperlift({
    worker: true,
    textract: false,
    env: { TEXTRACT_ENDPOINT: detector.url, DEFAULT_LANGUAGES: 'nl', PAGES_PER_DAY: '20' },
  });
  detector.setEndpoint(paperlift.standIns.env.S3_ENDPOINT as string);
  alice = await paperlift.signIn('alice@example.com');
});
after(async () => {
  await paperlift.stop();
  await detector.stop();
});

const call = (method: 'get' | 'post' | 'patch', path: string) =>
  alice.agent[method](`/api/v1${path}`).set('x-csrf-token', alice.csrfToken);

async function addPage(projectId: string): Promise<string> {
  const { body } = await call('post', `/projects/${projectId}/pages`).attach(
    'files',
    await textJpeg(['Total 12.50']),
    'receipt.jpg',
  );
  return body.items[0].id;
}

/** The page once it is ready, with the languages that the detector was told last. */
async function readyPage(projectId: string, pageId: string) {
  const page = await waitFor('the page', async () => {
    const { body } = await call('get', `/projects/${projectId}/pages/${pageId}`);
    return body.status === 'ready' ? body : undefined;
  });
  return { page, told: detector.languages.at(-1) };
}

async function createProject(fields: object = {}): Promise<string> {
  const { body } = await call('post', '/projects').send({ name: 'Letters', ...fields });
  return body.id;
}

describe('the text detector is told', () => {
  test('the project’s languages, else the deployment’s', async () => {
    const projectId = await createProject();
    const first = await addPage(projectId);
    assert.equal((await readyPage(projectId, first)).told, 'nl');
    const changed = await call('patch', `/projects/${projectId}`).send({ languages: ['DE', 'en', 'de'] });
    assert.deepEqual([changed.status, changed.body.languages], [200, ['de', 'en']]);
    const second = await addPage(projectId);
    assert.equal((await readyPage(projectId, second)).told, 'de,en');
    await call('patch', `/projects/${projectId}`).send({ languages: [] });
    const third = await addPage(projectId);
    assert.equal((await readyPage(projectId, third)).told, 'nl');
  });

  test('the page’s own, when its text is detected again; its image, rotation and place stay', async () => {
    const projectId = await createProject({ languages: ['fr'] });
    const path = `/projects/${projectId}/pages`;
    const pageId = await addPage(projectId);
    const { page: before } = await readyPage(projectId, pageId);
    await call('patch', `${path}/${pageId}`).send({ rotation: 90 });
    lines = ['Summe 12,50'];
    const again = await call('post', `${path}/${pageId}/retry`).send({ languages: ['ja'] });
    assert.deepEqual([again.status, again.body.status, again.body.text], [202, 'uploaded', '']);
    const { page, told } = await readyPage(projectId, pageId);
    assert.equal(told, 'ja');
    assert.equal(page.language, 'ja', 'what is chosen is what the text is in');
    assert.deepEqual(
      [page.text, page.languages, page.rotation, page.width],
      ['Summe 12,50', ['ja'], 90, before.height],
    );
    assert.equal((await alice.agent.get(`/api/v1${path}/${pageId}/image`)).status, 200);

    await call('post', `${path}/${pageId}/retry`).send({ languages: [] });
    const asProject = await readyPage(projectId, pageId);
    assert.deepEqual([asProject.told, asProject.page.languages], ['fr', undefined]);
    const { prefix, keys } = await objectsOf(projectId);
    assert.deepEqual(
      keys.filter((key) => key.includes('copy')),
      [],
      prefix,
    );
  });
});

async function objectsOf(projectId: string) {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const prefix = `projects/${projectId}/`;
  const { Contents = [] } = await paperlift.services.clients.s3.send(
    new ListObjectsV2Command({ Bucket: paperlift.config.aws.s3.bucket, Prefix: prefix }),
  );
  return { prefix, keys: Contents.map(({ Key = '' }) => Key) };
}

describe('detecting the text again', () => {
  test('asks before it discards corrections, and says what is lost', async () => {
    const projectId = await createProject();
    const pageId = await addPage(projectId);
    const path = `/projects/${projectId}/pages/${pageId}`;
    await readyPage(projectId, pageId);
    await call('patch', path).send({ lines: [{ id: 'l1', text: 'Total 13.50' }] });
    const refused = await call('post', `${path}/retry`).send({ languages: ['de'] });
    assert.deepEqual([refused.status, refused.body.code], [409, 'corrections-would-be-lost']);
    assert.equal((await call('get', path)).body.text, 'Total 13.50', 'nothing changed');
    const sent = await call('post', `${path}/retry`).send({ languages: ['de'], discardCorrections: true });
    assert.equal(sent.status, 202);
    const { page } = await readyPage(projectId, pageId);
    assert.deepEqual([page.revision, page.lines[0].corrected], [2, undefined]);
    const late = await call('patch', path).send({ revision: 1, lines: [{ id: 'l1', text: 'Late' }] });
    assert.equal(
      late.body.code,
      'page-changed',
      'a correction of the text before is not applied to this one',
    );
  });

  test('counts against the pages of a day', async () => {
    const projectId = await createProject();
    const pageId = await addPage(projectId);
    await readyPage(projectId, pageId);
    const left = async () => (await call('get', '/page-allowance')).body.pagesLeft;
    const before = await left();
    await call('post', `/projects/${projectId}/pages/${pageId}/retry`).send({ languages: ['de'] });
    assert.equal(await left(), before - 1);
    await readyPage(projectId, pageId);
    const refused = await call('post', `/projects/${projectId}/pages/${pageId}/retry`);
    assert.equal(refused.body.code, 'page-not-failed', 'without anything to change');
    assert.equal(await left(), before - 1);
  });

  test('is refused for a language that is not known, which names those that are', async () => {
    const projectId = await createProject();
    const pageId = await addPage(projectId);
    await readyPage(projectId, pageId);
    for (const answer of [
      await call('post', '/projects').send({ name: 'x', languages: ['tlh'] }),
      await call('patch', `/projects/${projectId}`).send({ languages: ['en', 'tlh'] }),
      await call('post', `/projects/${projectId}/pages/${pageId}/retry`).send({ languages: ['tlh'] }),
    ]) {
      assert.deepEqual([answer.status, answer.body.code], [400, 'language-unknown']);
      assert.match(answer.body.detail, /“tlh”.*en \(English\).*hi \(Hindi\)/);
    }
    assert.deepEqual((await call('get', `/projects/${projectId}`)).body.languages, []);
  });

  test('is in the project’s audit trail, and so is a choice of languages', async () => {
    const projectId = await createProject();
    const pageId = await addPage(projectId);
    await readyPage(projectId, pageId);
    await call('patch', `/projects/${projectId}`).send({ name: 'Briefe', languages: ['de', 'pl'] });
    await call('post', `/projects/${projectId}/pages/${pageId}/retry`).send({ languages: ['he'] });
    const carol = await paperlift.signIn('carol@example.com');
    const { text } = await carol.agent.get(`/admin/audit.csv?project=${projectId}`);
    assert.match(text, /“Letters” → “Briefe”; languages: not chosen → German and Polish",project\.changed/);
    assert.match(text, /in Hebrew,page\.detected-again/);
  });
});
