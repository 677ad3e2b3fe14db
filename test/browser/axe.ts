// Looks at a page as people with other eyes, hands and screens have it.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'puppeteer-core';
import { setDark } from '../support/browser.ts';
import { isTooWide } from './site.ts';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What is wrong with the page, light and dark, on a telephone and on a desk; each as a sentence. */
export async function findBarriers(page: Page): Promise<string[]> {
  const barriers: string[] = [];
  await page.evaluate(axeSource);
  for (const width of [360, 1440]) {
    await page.setViewport({ width, height: 800 });
    if (await isTooWide(page)) barriers.push(`${width} px: wider than the window`);
    for (const dark of [false, true]) {
      await setDark(page, dark);
      const found = await page.evaluate(runAxe);
      barriers.push(...found.map((each) => `${width} px, ${dark ? 'dark' : 'light'}: ${each}`));
    }
  }
  return barriers;
}

/** Runs in the page. */
async function runAxe(): Promise<string[]> {
  const { axe } = window as unknown as { axe: { run(options: object): Promise<AxeResults> } };
  const { violations } = await axe.run({ resultTypes: ['violations'], preload: false });
  return violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`),
  );
}
