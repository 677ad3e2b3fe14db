// Reviewing pages as people do it: by keys alone, in place, two at once, without script, and what comes of it in the PDF.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { readWords } from '../exports/pdf/pdf-reading.ts';
import { addReadProject, type DrawnLine, drawPage } from '../support/read-pages.ts';
import { waitFor } from '../support/wait.ts';
import { findBarriers } from './axe.ts';
import { pressWith, tabTo } from './keys.ts';
import {
  follow,
  isSeen,
  openSite,
  type Site,
  signIn,
  textOf,
  textsOf,
  waitForDownload,
  waitForTexts,
} from './site.ts';

const receipt: DrawnLine[] = ['Corner Bookshop~', 'Total~Tota1 24.80~', 'Thank you', 'Visit~ again~agaln'];

describe('the review of pages', () => {
  let site: Site;

  before(async () => {
    site = await openSite({ worker: true, textract: ['never read'] });
  });
  after(() => site?.stop());

  async function addPages(...pages: DrawnLine[][]) {
    const { path, pageIds, projectId } = await addReadProject(site.paperlift, 'alice@example.com', pages);
    return {
      project: `${site.url}${path}`,
      urls: pageIds.map((id) => `${site.url}${path}/pages/${id}`),
      stored: (index = 0) =>
        site.paperlift.services.stores.pages.findWithText(projectId, pageIds[index] as string),
    };
  }

  it('is done by keys alone, from the first doubtful word of the project to the last, and no other is visited', async () => {
    const { urls, stored } = await addPages(receipt, ['All is sure'], ['Second~ page']);
    await site.visit({}, async ({ page }) => {
      await open(page, 'alice@example.com', urls[0]);
      assert.equal(await textOf(page, '#to-check .pill'), '5 words to check');
      const visited: string[] = [];
      const press = async (key: 'n' | 'p' | 'Enter' | 'e') => {
        await page.keyboard.press(key);
        const at = await focused(page);
        assert.notEqual(at, '', `the focus was lost after ${key}`);
        if (key !== 'e') visited.push(at);
      };
      await press('n');
      await press('n');
      await press('p');
      await press('Enter'); // “Bookshop” is right
      await press('e');
      await page.keyboard.type('Total');
      await press('Enter');
      await press('Enter'); // “24.80” is right
      await press('Enter'); // “Visit” is right
      await press('e');
      await page.keyboard.type('again');
      await press('Enter');
      assert.deepEqual(visited, [
        'Bookshop',
        'Tota1',
        'Bookshop',
        'Tota1',
        '24.80',
        'Visit',
        'agaln',
        '#line-4',
      ]);
      await waitForTexts(page, '#save-status', ([status]) => status === 'Saved');
      await waitForTexts(page, '#to-check .pill', ([left]) => left === '1 on other pages');
      assert.match(await textOf(page, '#announcer'), /Press n for page 3/);
      const first = await stored();
      assert.equal(first?.text, 'Corner Bookshop\nTotal 24.80\nThank you\nVisit again');
      assert.equal(first?.doubtfulCount, 0);

      await tabTo(page, '.review-mark button');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.match(await textOf(page, '.review-bar'), /reviewed/);
      await follow(page, () => page.keyboard.press('n'));
      assert.equal(page.url(), urls[2], 'past the page that is sure');
      assert.equal(await focused(page), 'Second');
      await page.keyboard.press('Enter');
      await waitForTexts(page, '#to-check .pill', ([left]) => left === 'all words checked');
      await page.keyboard.press('n');
      assert.equal(await textOf(page, '#announcer'), 'No unsure words left.');
      await follow(page, () => page.click('.review-head .crumbs a:last-of-type'));
      assert.deepEqual(await textsOf(page, '.page-head .pill'), ['reviewed', 'ready', 'ready']);
    });
  });

  it('takes steps back one by one, whole lines too, and shows what was detected beside what was written', async () => {
    const { urls, stored } = await addPages(receipt);
    await site.visit({}, async ({ page }) => {
      await open(page, 'alice@example.com', urls[0]);
      await page.keyboard.press('n');
      await page.keyboard.press('Enter');
      await page.keyboard.press('e');
      await page.keyboard.type('Sum');
      await page.keyboard.press('Escape');
      assert.equal(await focused(page), 'Tota1', 'given up');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.keyboard.type('Thank you very much');
      await page.keyboard.press('Enter');
      await waitForTexts(page, '#line-3 .line-was', ([was]) => was === 'was you');
      await page.click('#line-2 .word');
      await page.keyboard.type('Total');
      await page.keyboard.press('Enter');
      await waitForTexts(page, '#line-2 .line-was', ([was]) => was === 'was Tota1');
      assert.equal(await focused(page), '24.80');
      await page.keyboard.press('d');
      await waitForTexts(page, '#line-2 .line-text', ([text]) => text === 'Tota1 24.80');
      assert.equal(await focused(page), '#line-2');
      for (const word of ['Tota1', '24.80', 'Visit']) {
        await page.keyboard.press('n');
        await waitFor(`the focus on ${word}`, async () => (await focused(page)) === word || undefined);
      }

      await page.keyboard.press('Delete');
      await waitForTexts(page, '#line-4 .line-was', ([was]) => was === 'was Visit');
      assert.equal(
        await focused(page),
        'agaln',
        'on to the next word, also when the line comes back shorter',
      );

      const undo = async (line: string, text: string) => {
        await pressWith(page, 'Control', 'z');
        await waitForTexts(page, `${line} .line-text`, ([now]) => now === text);
      };
      await undo('#line-4', 'Visit agaln');
      await undo('#line-2', 'Total 24.80');
      await undo('#line-2', 'Tota1 24.80');
      await undo('#line-3', 'Thank you');
      await page.click('[data-act="undo"]');
      await waitForTexts(page, '#to-check .pill', ([left]) => left === '5 words to check');
      assert.ok(await page.$('[data-act="undo"][disabled]'), 'nothing is left to undo');
      const now = await stored();
      assert.deepEqual([now?.corrections, now?.accepted], [{}, {}]);
    });
  });

  it('says so when something could not be saved, keeps it, and saves it when tried again', async () => {
    const { urls, stored } = await addPages(receipt);
    await site.visit({ expected: /ERR_INTERNET_DISCONNECTED/ }, async ({ page }) => {
      await open(page, 'alice@example.com', urls[0]);
      await page.evaluate(() =>
        addEventListener('online', (event) => event.stopImmediatePropagation(), true),
      );
      await page.setOfflineMode(true);
      await page.keyboard.press('n');
      await page.keyboard.press('Enter');
      await waitForTexts(page, '#save-status', ([status]) => /^Couldn’t save/.test(status ?? ''));
      assert.match(await textOf(page, '#announcer'), /Not saved/);
      await page.keyboard.press('Enter');
      await page.setOfflineMode(false);
      // whoever is told that it failed again, because the line was not up yet, presses again
      await waitFor('what was accepted to be saved', async () => {
        await page.$$eval('#save-status button', ([again]) => (again as HTMLElement | undefined)?.click());
        return (await textOf(page, '#save-status')) === 'Saved' || undefined;
      });
      await waitForTexts(page, '#to-check .pill', ([left]) => left === '3 words to check');
      assert.deepEqual((await stored())?.accepted, { l1: [1], l2: [0] });
    });
  });

  it('tells the second of two people, shows both versions, and lets choose', async () => {
    const { urls, stored } = await addPages(receipt);
    await site.visit({ expected: /409 POST/ }, async ({ page: hers }) => {
      await open(hers, 'alice@example.com', urls[0]);
      await site.visit({}, async ({ page: his }) => {
        await open(his, 'carol@example.com', urls[0]);
        await correct(his, '#line-2 .word', 'Totals');
        await correct(his, '#line-4 .word', 'Come');
      });
      await correct(hers, '#line-3 .word', 'Thanks'); // another line: nobody’s business
      await hers.click('#line-2 .word');
      await hers.keyboard.type('Total');
      await hers.keyboard.press('Enter');
      await hers.waitForSelector('#line-2 .conflict');
      assert.match(await textOf(hers, '#line-2 .conflict'), /Theirs\s+Totals 24\.80\s+Yours\s+Total 24\.80/);
      assert.match(await textOf(hers, '#announcer'), /Someone else changed this line/);
      assert.ok(await hers.evaluate(() => document.activeElement?.closest('.conflict')), 'led to the choice');
      assert.deepEqual(await findBarriers(hers), []);
      await hers.setViewport({ width: 1280, height: 900 });
      await hers.click('.conflict button[value="word"]');
      await waitForTexts(hers, '#line-2 .line-text', ([text]) => text === 'Total 24.80');

      await hers.click('#line-4 .word');
      await hers.keyboard.type('Drop in');
      await hers.keyboard.press('Enter');
      await hers.waitForSelector('#line-4 .conflict');
      await hers.click('.conflict button[value="keep"]');
      await waitForTexts(hers, '#line-4 .line-text', ([text]) => text === 'Come agaln');
      assert.equal((await stored())?.text, 'Corner Bookshop\nTotal 24.80\nThanks you\nCome agaln');
    });
  });

  it('works without script: by links and forms', async () => {
    const { urls, stored } = await addPages(receipt, ['Second~ page']);
    await site.visit({ script: false }, async ({ page }) => {
      await page.goto(urls[0] as string);
      await follow(page, () => page.click('button[value="alice@example.com"]'));
      await follow(page, () => page.click('button.primary'));
      assert.equal(
        await isSeen(page, '[data-act="accept"]'),
        false,
        'nothing is offered that would not work',
      );
      await follow(page, () => page.click('#to-check a'));
      assert.match(page.url(), /\?edit=l1#line-1$/);
      await follow(page, () => page.click('button[value="l1.2"]'));
      assert.match(await textOf(page, '.text > .notice'), /Accepted/);
      await follow(page, () => page.click('#to-check a'));
      await page.$eval('#edit-2', (field) => field.setAttribute('value', 'Total 24.80'));
      await follow(page, () => page.click('button[value="save"]'));
      assert.equal(await textOf(page, '#line-2 .line-text'), 'Total 24.80');
      assert.equal(await textOf(page, '#line-2 .line-was'), 'was Tota1');
      assert.equal(await textOf(page, '#to-check .pill'), '2 words to check');
      await follow(page, () => page.click('button[value="undo"]'));
      assert.equal(await textOf(page, '#line-2 .line-text'), 'Tota1 24.80');
      await follow(page, () => page.click('.review-mark button'));
      assert.match(await textOf(page, '.mark-dialog'), /4 words are still unchecked/);
      await follow(page, () => page.click('#mark-anyway'));
      assert.match(await textOf(page, '.review-bar'), /reviewed/);
      await follow(page, () => page.click('#to-check a'));
      assert.match(page.url(), new RegExp(`^${urls[1]}`), 'the next page with words to check');
      assert.deepEqual((await stored())?.accepted, { l1: [1] });
    });
  });

  it('has no barriers: words to check, a word being written, corrected lines', async () => {
    const { urls } = await addPages(receipt);
    await site.visit({}, async ({ page }) => {
      await open(page, 'alice@example.com', urls[0]);
      await page.keyboard.press('n');
      assert.deepEqual(await findBarriers(page), []);
      await page.keyboard.press('e');
      assert.deepEqual(await findBarriers(page), []);
      await page.keyboard.type('Bookstore');
      await page.keyboard.press('Enter');
      await waitForTexts(page, '#save-status', ([status]) => status === 'Saved');
      await page.goto(`${urls[0]}?edit=l2&notice=saved`);
      assert.deepEqual(await findBarriers(page), []);
    });
  });

  it('puts what was corrected into the PDF, at the place of the word on the paper', async () => {
    const { urls, project } = await addPages(receipt);
    const { detection } = await drawPage(receipt);
    await site.visit({}, async (visitor) => {
      const { page } = visitor;
      await open(page, 'alice@example.com', urls[0]);
      await correct(page, '#line-2 .word', 'Total');
      await correct(page, '#line-4 .word:nth-child(2)', 'again soon');
      await page.evaluate(async (address) => {
        const csrf = document.getElementById('review')?.dataset.csrf ?? '';
        await fetch(`${new URL(address).pathname}/exports`, {
          method: 'POST',
          body: new URLSearchParams({ _csrf: csrf, format: 'searchable-pdf' }),
        });
      }, project);
      const pdf = await visitExports(page, project, visitor);
      const [words = []] = await readWords(pdf);
      const texts = words.map(({ text }) => text).sort();
      const expected = 'Corner Bookshop Total 24.80 Thank you Visit again soon'.split(' ').sort();
      assert.deepEqual(texts, expected);
      const placeOf = (text: string) => words.find((word) => word.text === text) ?? { x: 9, y: 9 };
      const [, total, , visit] = detection.lines;
      for (const [text, polygon] of [
        ['Total', total?.words[0]?.polygon],
        ['24.80', total?.words[1]?.polygon],
        ['Visit', visit?.words[0]?.polygon],
      ] as const) {
        const centre = {
          x: (polygon ?? []).reduce((sum, point) => sum + point.x / 4, 0),
          y: (polygon ?? []).reduce((sum, point) => sum + point.y / 4, 0),
        };
        const place = placeOf(text);
        assert.ok(Math.hypot(place.x - centre.x, place.y - centre.y) < 0.01, `${text} lies elsewhere`);
      }
      const again = visit?.words[1]?.polygon;
      const inside = ({ x }: { x: number }) => x > (again?.[0].x ?? 1) && x < (again?.[1].x ?? 0);
      assert.ok(inside(placeOf('again')) && inside(placeOf('soon')), 'two words share the place of one');
    });
  });
});

describe('the image of a page', () => {
  let site: Site;

  before(async () => {
    site = await openSite({});
  });
  after(() => site?.stop());

  it('is sized by wheel, keys, buttons and two fingers, and dragged about', async () => {
    const { path, pageIds } = await addReadProject(site.paperlift, 'alice@example.com', [receipt]);
    await site.visit({}, async ({ page }) => {
      await open(page, 'alice@example.com', `${site.url}${path}/pages/${pageIds[0]}`);
      const width = () => page.$eval('#scan img', (image) => image.clientWidth);
      const scrolled = () => page.$eval('#desk', (desk) => [desk.scrollLeft, desk.scrollTop].map(Math.round));
      const fit = await width();
      await page.keyboard.press('+');
      assert.ok((await width()) > fit);
      await page.keyboard.press('0');
      assert.equal(await width(), fit);
      await page.keyboard.press('9');
      assert.equal(await page.$eval('#fit-page', (button) => button.getAttribute('aria-pressed')), 'true');
      await page.keyboard.press('0');

      const desk = await page.$eval('#desk', (element) => {
        const { left, top, width: across, height } = element.getBoundingClientRect();
        return { x: left + across / 2, y: top + height / 3 };
      });
      await page.mouse.move(desk.x, desk.y);
      await page.keyboard.down('Control');
      for (let turn = 0; turn < 5; turn += 1) await page.mouse.wheel({ deltaY: -100 });
      await page.keyboard.up('Control');
      await page.waitForFunction(
        (before) => (document.querySelector('#scan img')?.clientWidth ?? 0) > before * 5, // e^(5/3)
        {},
        fit,
      );
      const before = await scrolled();
      await page.mouse.down();
      await page.mouse.move(desk.x - 60, desk.y - 10, { steps: 4 });
      await page.mouse.up();
      assert.equal((await scrolled())[0], (before[0] ?? 0) + 60);

      const wide = await width();
      const fingers = await page.createCDPSession();
      const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', apart: number) =>
        fingers.send('Input.dispatchTouchEvent', {
          type,
          touchPoints:
            type === 'touchEnd' ? [] : [-apart, apart].map((x, id) => ({ x: desk.x + x, y: desk.y, id })),
        });
      await touch('touchStart', 100);
      for (const apart of [90, 70, 50]) await touch('touchMove', apart);
      await touch('touchEnd', 0);
      assert.ok(Math.abs((await width()) - wide / 2) < wide * 0.05, `${wide} became ${await width()}`);
    });
  });

  it('stands above the text on a telephone; one of the two can be shown alone, and a word reached by touch', async () => {
    const { path, pageIds } = await addReadProject(site.paperlift, 'alice@example.com', [receipt]);
    await site.visit({ width: 360, height: 740 }, async ({ page }) => {
      await open(page, 'alice@example.com', `${site.url}${path}/pages/${pageIds[0]}`);
      const top = (selector: string) =>
        page.$eval(selector, (element) => element.getBoundingClientRect().top);
      assert.ok((await top('#desk')) < (await top('#lines')));
      await page.click('[data-show="text"]');
      assert.deepEqual([await isSeen(page, '#desk'), await isSeen(page, '#lines')], [false, true]);
      await page.click('[data-show="image"]');
      assert.deepEqual([await isSeen(page, '#desk'), await isSeen(page, '#lines')], [true, false]);
      await page.click('[data-show="both"]');
      await page.click('.acts [data-act="next"]');
      assert.equal(await focused(page), 'Bookshop');
      await page.click('.acts [data-act="accept"]');
      assert.equal(await focused(page), 'Tota1');
      await page.click('.acts [data-act="correct"]');
      await page.keyboard.type('Total');
      await page.keyboard.press('Enter');
      await waitForTexts(page, '#to-check .pill', ([left]) => left === '3 words to check');
    });
  });
});

/** Signs in, and waits until the page's script listens. */
async function open(page: Page, email: string, url = '') {
  await signIn(page, email, url);
  await page.waitForSelector('.line[tabindex="0"]');
}

/** Writes over a word as one does with a mouse, and waits until it is saved. */
async function correct(page: Page, word: string, text: string) {
  await page.click(word);
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
  await waitForTexts(page, '#save-status', ([status]) => status === 'Saved');
}

/** Where the keyboard is: the word, or the id of what is no word; empty when it is nowhere. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const at = document.activeElement;
    if (!at || at === document.body) return '';
    if (at instanceof HTMLInputElement) return at.value;
    return at.classList.contains('word') ? (at.textContent ?? '') : `#${at.id}`;
  });
}

/** The first export that is ready, as it was downloaded. */
async function visitExports(page: Page, project: string, visitor: Parameters<typeof waitForDownload>[0]) {
  const list = `${new URL(project).pathname.replace('/projects', '/api/v1/projects')}/exports`;
  const file = await page.waitForFunction(
    async (address: string) => {
      const { items } = await (await fetch(address)).json();
      return items[0]?.status === 'ready'
        ? `${address.replace('/api/v1', '')}/${items[0].id}/file`
        : undefined;
    },
    { polling: 200 },
    list,
  );
  const url = await file.jsonValue();
  await page.evaluate((address) => {
    const link = Object.assign(document.createElement('a'), { href: address, download: '' });
    document.body.append(link);
    link.click();
    link.remove();
  }, url as string);
  return (await waitForDownload(visitor)).path;
}
