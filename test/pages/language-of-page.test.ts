// The languages of pages as people and programs are told them, also of pages that were read before languages were told.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { chosenLanguages, withLanguage } from '../../src/pages/language-of-page.ts';
import type { Page } from '../../src/pages/page.ts';
import { readWithPdfium } from '../exports/pdf/readers/pdfium.reader.ts';
import { readWithPdfJs } from '../exports/pdf/readers/pdfjs.reader.ts';
import { addPage, addProject } from '../search/stage.ts';
import { exportProject } from '../support/exports.ts';
import { textJpeg } from '../support/images.ts';
import { buildPage } from '../support/pages.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { type Client, callAs } from '../support/shown-pages.ts';

let paperlift: Paperlift;
let alice: Client;
before(async () => {
  paperlift = await startPaperlift({ worker: true, textract: ['unused'] });
  alice = await paperlift.signIn('alice@example.com');
});
after(() => paperlift.stop());

const call = (...[method, address]: Parameters<ReturnType<typeof callAs>>) => callAs(alice)(method, address);

/** A page as the worker of an older version left it, unless `facts` name its language. */
async function addOldPage(projectId: string, lines: string[], facts: Partial<Page> = {}) {
  const image = { data: await textJpeg(['Page'], { height: 300 }), width: 600, height: 300 };
  const pageId = await addPage(paperlift, projectId, lines, image, facts);
  return { path: `/projects/${projectId}/pages/${pageId}`, pageId };
}

const exportAs = async (projectId: string, format: string) =>
  (await exportProject(call, projectId, format)).body;

/** The `lang` of elements of this class. */
const langOf = (html: string, name: string) =>
  [...html.matchAll(new RegExp(`<\\w+ class="${name}[^>]*>`, 'g'))].map(
    ([tag]) => /lang="(\w+)"/.exec(tag)?.[1],
  );

async function shownLanguages(projectId: string, page: string, q: string) {
  const get = async (address: string) => (await alice.agent.get(address)).text;
  return {
    card: langOf(await get(`/projects/${projectId}`), 'page-words'),
    review: langOf(await get(page), 'line-text'),
    hit: langOf(await get(`/search?q=${q}`), 'found-line'),
    listed: langOf(await get(`/search?q=${q}&part=list`), 'hit-line'),
    api: (await call('get', page)).body.language,
  };
}

describe('the language of a page', () => {
  test('is named at its card, at its lines and at hits of a search in it, and that of no other page', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Post');
    const { path: page } = await addOldPage(projectId, ['Facture quokka'], { language: 'fr' });
    assert.deepEqual(await shownLanguages(projectId, page, 'quokka'), {
      card: ['fr'],
      review: ['fr'],
      hit: ['fr'],
      listed: ['fr'],
      api: 'fr',
    });
    const { path: other } = await addOldPage(projectId, ['X9 wombat']);
    assert.deepEqual(await shownLanguages(projectId, other, 'wombat'), {
      card: ['fr', undefined],
      review: [undefined],
      hit: [undefined],
      listed: [undefined],
      api: undefined,
    });
  });

  test('of one that was read before languages were told is the project’s, in views, search and exports', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Brieven');
    const { path: page } = await addOldPage(projectId, ['Factuur numbat 12', 'zoetbrek']);
    await call('patch', `/projects/${projectId}`).send({ languages: ['nl'] });
    const dutch = { card: ['nl'], review: ['nl', 'nl'], hit: ['nl'], listed: ['nl'], api: 'nl' };
    assert.deepEqual(await shownLanguages(projectId, page, 'numbat'), dutch);
    const found = await call('get', '/search').query({ q: 'zoetbraek' });
    assert.deepEqual(found.body.items, [], 'compared as Dutch');

    const corrected = await alice.agent.post(`${page}/review`).type('form').send({
      _csrf: alice.csrfToken,
      revision: 1,
      do: 'save',
      line: 'l1',
      text: 'Factuur numbat 13',
      fragment: 'yes',
    });
    assert.deepEqual(langOf(corrected.text, 'line-text'), ['nl'], 'also in what a change answers');

    const docx = unzipSync(await exportAs(projectId, 'docx'));
    for (const name of ['styles', 'document'])
      assert.match(strFromU8(docx[`word/${name}.xml`] as Uint8Array), /<w:lang w:val="nl"\/>/);
    assert.equal(JSON.parse(String(await exportAs(projectId, 'json'))).pages[0].language, 'nl');
    for (const format of ['searchable-pdf', 'text-pdf']) {
      const file = path.join(tmpdir(), `${projectId}-${format}.pdf`);
      await writeFile(file, await exportAs(projectId, format));
      assert.equal((await readWithPdfJs(file)).language, 'nl', format);
      assert.ok(['nl', ''].includes((await readWithPdfium(file)).language), 'older PDFium does not tell it');
      await rm(file);
    }
  });

  test('is told from the text where nobody chose one or several, once the text is read', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Briefe');
    const text = ['Anbei erhalten Sie den unterschriebenen Mietvertrag für das Büro im zweiten Stock.'];
    const { path: page } = await addOldPage(projectId, text);
    assert.equal((await call('get', page)).body.language, 'de');
    await call('patch', `/projects/${projectId}`).send({ languages: ['en', 'de'] });
    assert.equal((await call('get', page)).body.language, 'de');
    const docx = unzipSync(await exportAs(projectId, 'docx'));
    assert.match(strFromU8(docx['word/document.xml'] as Uint8Array), /<w:lang w:val="de"\/>/);
  });
});

describe('what a page is written in', () => {
  const page = { ...buildPage({}), status: 'ready' as const };
  test('is what was chosen for it, else for its project, else for the deployment', () => {
    assert.deepEqual(chosenLanguages({ ...page, languages: ['ja'] }, { languages: ['de'] }, ['fr']), ['ja']);
    assert.deepEqual(chosenLanguages(page, { languages: ['de'] }, ['fr']), ['de']);
    assert.deepEqual(chosenLanguages(page, {}, ['fr']), ['fr']);
    assert.deepEqual(chosenLanguages(page, undefined, ['fr']), ['fr']);
  });

  test('stays what was told, and is nothing for a page that has no text yet', () => {
    const about = { project: {}, defaults: ['fr' as const] };
    assert.equal(withLanguage({ ...page, language: 'de' as const }, about).language, 'de');
    assert.equal(withLanguage(page, about).language, 'fr');
    assert.equal(withLanguage({ ...page, status: 'failed' as const }, about).language, undefined);
    assert.equal(
      withLanguage(page, { project: { languages: ['de', 'fr'] }, defaults: [] }).language,
      undefined,
    );
  });
});
