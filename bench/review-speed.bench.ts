// Measures how fast pages are reviewed by keyboard in a real browser: a reviewer who knows the true text goes from
// unsure word to unsure word, confirms the right ones and corrects the rest. The errors are seeded, so that the words
// to visit are known.
import type { Page } from 'puppeteer-core';
import { signIn } from '../test/browser/site.ts';
import { openBrowser } from '../test/support/browser.ts';
import { startPaperlift } from '../test/support/paperlift.ts';
import { addReadProject, type DrawnLine, readLine } from '../test/support/read-pages.ts';
import { createRow, type Row } from './row.ts';

const pageCount = 8;
const linesEach = 30;

const vocabulary = 'invoice total paper harbour station receipt customer number amount street'.split(' ');

/** Places errors and unsure words pseudo-randomly, but the same each time. */
function seedPages(): DrawnLine[][] {
  let chance = 42;
  const next = () => {
    chance = (chance * 1_103_515_245 + 12_345) % 2_147_483_648;
    return chance / 2_147_483_648;
  };
  const word = () => {
    const printed = vocabulary[Math.floor(next() * vocabulary.length)] as string;
    const luck = next();
    if (luck > 0.05) return printed;
    return luck > 0.02 ? `${printed}~${printed.replace(/[aeiou]/, '0')}` : `${printed}~`;
  };
  return Array.from({ length: pageCount }, () =>
    Array.from({ length: linesEach }, () => Array.from({ length: 5 }, word).join(' ')),
  );
}

interface Review {
  visited: string[];
  corrected: number;
  keystrokes: number;
  letters: number;
}

export async function measureReviewSpeed(): Promise<Row[]> {
  const drawn = seedPages();
  const paperlift = await startPaperlift();
  const browser = await openBrowser({
    origins: [paperlift.url, new URL(paperlift.config.saml.providers[0]?.entryPoint ?? '').origin],
  });
  try {
    const { path, pageIds, projectId } = await addReadProject(paperlift, 'alice@example.com', drawn);
    const { result, seconds } = await browser.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', `${paperlift.url}${path}/pages/${pageIds[0]}`);
      await page.waitForSelector('#lines [tabindex="0"]');
      const startedAt = performance.now();
      const result = await review(page, drawn, pageIds);
      return { result, seconds: (performance.now() - startedAt) / 1000 };
    });
    const stored = await Promise.all(
      pageIds.map((id) => paperlift.services.stores.pages.find(projectId, id)),
    );
    const printed = drawn.map((lines) =>
      lines
        .map((line) =>
          readLine(line)
            .map((word) => word.printed)
            .join(' '),
        )
        .join('\n'),
    );
    const wrong = stored.filter((page, index) => page?.text !== printed[index] || page?.doubtfulCount !== 0);
    if (wrong.length > 0) throw new Error(`${wrong.length} reviewed pages are not as they are printed`);
    return presentRows(result, seconds, seededWords(drawn));
  } finally {
    await browser.stop();
    await paperlift.stop();
  }
}

/** `page/line/place` of every word below the threshold. */
function seededWords(drawn: DrawnLine[][]): string[] {
  return drawn.flatMap((lines, page) =>
    lines.flatMap((line, at) =>
      readLine(line).flatMap(({ isSure }, place) => (isSure ? [] : [`${page}/${at}/${place}`])),
    ),
  );
}

async function review(page: Page, drawn: DrawnLine[][], pageIds: string[]): Promise<Review> {
  const found: Review = { visited: [], corrected: 0, keystrokes: 0, letters: 0 };
  const press = async (key: 'n' | 'e' | 'Enter') => {
    found.keystrokes += 1;
    await page.keyboard.press(key);
  };
  await press('n');
  for (;;) {
    const place = await wordInFocus(page, pageIds);
    if (!place) {
      if ((await leftElsewhere(page)) === 0) return found;
      await Promise.all([page.waitForNavigation(), press('n')]);
      await page.waitForSelector('.word:focus');
      continue;
    }
    found.visited.push(place.join('/'));
    const [at, line, word] = place;
    const { printed = '', read } = readLine(drawn[at]?.[line] ?? '')[word] ?? {};
    if (printed !== read) {
      await press('e');
      await page.keyboard.type(printed);
      found.letters += printed.length;
      found.corrected += 1;
    }
    await press('Enter');
  }
}

/** Page, line and place (from 0) of the focused unsure word. */
function wordInFocus(page: Page, pageIds: string[]): Promise<[number, number, number] | undefined> {
  return page.evaluate((ids) => {
    const at = document.activeElement;
    if (!(at instanceof HTMLElement) || !at.matches('.word.doubt')) return undefined;
    const [line = 0, place = 0] = (at.dataset.word ?? '').split('-').map(Number);
    const number = ids.indexOf(location.pathname.split('/').at(-1) ?? '');
    return [number, line - 1, place - 1] as [number, number, number];
  }, pageIds);
}

/** How many words are left to check on other pages, once this page is saved. */
async function leftElsewhere(page: Page): Promise<number> {
  await page.waitForFunction(() => document.getElementById('save-status')?.textContent === 'Saved');
  return page.$eval('#to-check', (left) => Number((left as HTMLElement).dataset.elsewhere));
}

function presentRows(
  { visited, corrected, keystrokes, letters }: Review,
  seconds: number,
  seeded: string[],
): Row[] {
  const wanted = new Set(seeded);
  const others = visited.filter((word) => !wanted.has(word)).length;
  const missed = seeded.filter((word) => !visited.includes(word)).length;
  const again = visited.length - new Set(visited).size;
  const note = `${pageCount} pages of ${linesEach} lines; ${seeded.length} words in doubt, of which ${corrected} were misread`;
  return [
    createRow({
      id: 'review-keystrokes',
      what: 'Keystrokes per corrected word, beyond its letters',
      value: (keystrokes - (visited.length - corrected)) / corrected,
      unit: '',
      target: { of: 'value', atMost: 2.5 },
      note: `${note}; ${letters} letters were typed, and each word that was right took one more key`,
    }),
    createRow({
      id: 'review-seconds',
      what: 'Time per corrected word, without thinking',
      value: seconds / corrected,
      unit: 's',
      target: { of: 'value', atMost: 0.5 },
      note: 'all keys, turning of pages and saving; the next word is there before the last one is saved',
    }),
    createRow({
      id: 'review-visits',
      what: 'Words visited unnecessarily, missed, or visited twice',
      value: others + missed + again,
      unit: '',
      beside: { what: 'words in doubt', value: seeded.length, unit: '' },
      target: { of: 'value', atMost: 0 },
    }),
  ];
}
