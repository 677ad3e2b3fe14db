import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildPdf } from '../support/documents.ts';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';
import { waitFor } from '../support/wait.ts';

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift({
    worker: true,
    textract: ['Total 12.50'],
    env: { PROJECT_MAX_PAGES: '3' },
  });
});
after(() => paperlift.stop());

test('a full project refuses pages on every way, takes new images of its pages, and has room again after a deletion', async () => {
  const { agent, csrfToken } = await browserOf(paperlift, buildPerson('Packer'));
  const call = (method: 'post' | 'put' | 'delete', path: string) =>
    agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken);
  const { body: project } = await call('post', '/projects').send({ name: 'Small' });
  const pages = `/projects/${project.id}/pages`;
  const image = await textJpeg(['Total 12.50'], { width: 300, height: 200 });
  const upload = (count: number) => {
    const form = call('post', pages);
    for (let at = 0; at < count; at += 1) form.attach('files', image, `${at}.jpg`);
    return form;
  };
  const { services } = paperlift;
  const whenCounted = (pages: number) =>
    waitFor(`${pages} pages to be counted`, async () => {
      await services.summaries.refresh(project.id); // counts nothing while a page changes
      const summary = await services.stores.projectSummaries.find(project.id);
      return summary?.facts?.pageCount === pages ? true : undefined;
    });

  const { body: added } = await upload(2);
  assert.equal(added.items.length, 2);
  await whenCounted(2);
  const tooMany = await upload(2);
  assert.deepEqual([tooMany.status, tooMany.body.code], [409, 'project-full']);
  assert.match(tooMany.body.detail, /can have 3 pages, and this one has room for 1/);
  const pdf = await buildPdf([{ image }, { image }]);
  await call('post', pages).attach('files', pdf, 'two.pdf');
  const failed = await waitFor('the file to be refused', async () => {
    const { body } = await agent.get(`/api/v1/projects/${project.id}/imports`);
    return body.items.find(({ status }: { status: string }) => status === 'failed');
  });
  assert.equal(failed.failure.code, 'project-full');

  const named = () =>
    upload(1).set('Upload-Key', '3f0c1f6e-4b1d-4c63-9f44-5a1f6f4b6c11').set('Upload-Begun-At', begunAt);
  const begunAt = new Date().toISOString();
  const last = await named();
  assert.equal(last.status, 201);
  await whenCounted(3);
  const again = await named();
  assert.deepEqual([again.status, again.body.items[0].id], [201, last.body.items[0].id], 'sent again');
  const presigned = await call('post', `/projects/${project.id}/uploads`).send({
    fileName: 'a.jpg',
    contentType: 'image/jpeg',
    size: image.length,
  });
  const form = await agent.post(pages).type('form').field('_csrf', csrfToken).attach('files', image, 'a.jpg');
  for (const { status, text } of [await upload(1), presigned, form]) {
    assert.equal(status, 409, text);
    assert.match(text, /this one has room for none/);
  }
  const presignedReplacement = await call('post', `/projects/${project.id}/uploads`).send({
    fileName: 'new.jpg',
    contentType: 'image/jpeg',
    size: image.length,
    pageId: added.items[0].id,
  });
  assert.equal(presignedReplacement.status, 201, presignedReplacement.text);
  const replaced = await call('put', `${pages}/${added.items[0].id}/image`).attach('files', image, 'new.jpg');
  assert.equal(replaced.status, 200, replaced.text);

  assert.equal((await call('delete', `${pages}/${added.items[1].id}`)).status, 204);
  await whenCounted(2);
  assert.equal((await upload(1)).status, 201);
});
