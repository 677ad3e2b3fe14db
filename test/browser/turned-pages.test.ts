// Pages that Paperlift turned by their text, in the browser: said, and turned back at once.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { drawTurnedPage, type TurnedPage } from '../support/turned-pages.ts';
import { waitFor } from '../support/wait.ts';
import { findBarriers } from './axe.ts';
import { openSite, type Site, signIn, waitForTexts } from './site.ts';

const alice = 'alice@example.com';
const lines = ['Corner Bookshop', 'Two novels at 12.40 each', 'Total amount 24.80', 'Thank you for coming'];

describe('a page that lay on its side', () => {
  let site: Site;
  let answer: TurnedPage;
  before(async () => {
    answer = await drawTurnedPage(lines, 90);
    site = await openSite({ worker: true, textract: () => answer.blocks });
  });
  after(() => site?.stop());

  async function addPage() {
    const { agent, csrfToken } = await site.paperlift.signIn(alice);
    const call = (method: 'get' | 'post', path: string) =>
      agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken);
    const project = (await call('post', '/projects').send({ name: 'Any way up' })).body.id;
    const file = { filename: 'scan.jpg', contentType: 'image/jpeg' };
    const added = await call('post', `/projects/${project}/pages`).attach('files', answer.jpeg, file);
    const path = `/projects/${project}/pages/${added.body.items[0].id}`;
    await waitFor('the page to be read', async () =>
      (await call('get', path)).body.status === 'ready' ? true : undefined,
    );
    return { project: `${site.url}/projects/${project}`, page: `${site.url}${path}` };
  }

  it('says so above its image; Undo turns image and boxes back in their place and leaves the focus at the buttons', async () => {
    const { page: url } = await addPage();
    await site.visit({ width: 1280 }, async ({ page }) => {
      await signIn(page, alice, url);
      await waitForTexts(page, '#turned-note', ([text]) =>
        /^Turned automatically\s*·\s*Undo$/.test(text ?? ''),
      );
      assert.deepEqual(await findBarriers(page), []);
      const shapeOf = () =>
        page.$eval('#scan', (scan) => {
          const { width, height } = scan.getBoundingClientRect();
          const word = scan.querySelector('.box')?.getBoundingClientRect();
          return [width > height, (word?.width ?? 0) > (word?.height ?? 0)];
        });
      assert.deepEqual(await shapeOf(), [true, true]);
      await page.focus('#undo-turn');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#turned-note', { hidden: true });
      assert.deepEqual(await shapeOf(), [false, false]);
      assert.equal(await page.$eval(':focus', ({ id }) => id), 'rotate-right');
      assert.match(await page.$eval('#scan img', ({ src }) => src), /rotation=0$/);
    });
  });

  it('is turned back from its menu in the project', async () => {
    const { project } = await addPage();
    await site.visit({ width: 360 }, async ({ page }) => {
      await signIn(page, alice, project);
      await page.click('summary[aria-label="Menu for page 1"]');
      await page.click('[value^="undo-turn:"]');
      await page.waitForSelector('[value^="undo-turn:"]', { hidden: true });
      assert.match(await page.$eval('.page-desk img', ({ src }) => src), /rotation=0$/);
      assert.deepEqual(await findBarriers(page), []);
    });
  });
});
