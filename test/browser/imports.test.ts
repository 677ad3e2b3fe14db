// Files of many pages as people see them: choosing a PDF and a telephone's photograph, what is read out and drawn meanwhile.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { brokenPdf, buildPdf, photo } from '../support/documents.ts';
import { textJpeg } from '../support/images.ts';
import { waitFor } from '../support/wait.ts';
import { findBarriers } from './axe.ts';
import { chooseFiles, createProject, follow, openSite, type Site, signIn, textsOf } from './site.ts';

describe('files of many pages', () => {
  let site: Site;
  before(async () => {
    site = await openSite({ worker: true, textract: ['Page of a file'] });
  });
  after(() => site?.stop());

  it('become pages while one looks on, and a torn one says why it does not', async () => {
    const scan = await textJpeg(['Lease', 'Clause 12'], { width: 600, height: 800 });
    const lease = await site.file(
      'lease.pdf',
      await buildPdf([{ image: scan }, { image: scan }, { text: 'End' }]),
    );
    const paths = [lease, await site.file('IMG_0042.HEIC', photo), await site.file('torn.pdf', brokenPdf)];
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Lease');
      await chooseFiles(page, paths);
      await page.waitForSelector('.import');
      await waitFor('all pages and the reason of the torn file', async () => {
        const failed = await textsOf(page, '.import');
        const cards = await textsOf(page, '.page-card');
        return cards.length === 4 && failed.length === 1 && failed[0]?.includes('damaged') ? true : undefined;
      });
      assert.match((await textsOf(page, '.import'))[0] ?? '', /torn\.pdf\s+failed/);
    });
  });

  it('are read out, and fit, in light and dark on every screen; a failed one is removed by keyboard', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'bob@example.com', site.url);
      const projectUrl = await createProject(page, 'Under way');
      const projectId = projectUrl.split('/').at(-1) ?? '';
      await chooseFiles(page, [await site.file('torn.pdf', brokenPdf)]);
      await page.waitForSelector('.import.trouble');
      const at = new Date().toISOString();
      await site.paperlift.services.stores.imports.create({
        id: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
        projectId,
        position: 9,
        status: 'splitting',
        fileName: 'A file with a long name that goes on and on.pdf',
        originalKey: 'none',
        contentType: 'application/pdf',
        sizeBytes: 1,
        sha256: 'x',
        pageCount: 300,
        pagesDone: 12,
        pagesWithText: 4,
        createdAt: at,
        updatedAt: at,
      });
      await page.goto(projectUrl);
      const [failed, inFlight] = await textsOf(page, '.import');
      assert.match(`${failed} ${inFlight}`, /12 of 300 pages/);
      assert.deepEqual(await findBarriers(page), []);
      await page.focus('.import.trouble form[action$="/remove"] button');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.equal((await textsOf(page, '.import.trouble')).length, 0);
    });
  });
});
