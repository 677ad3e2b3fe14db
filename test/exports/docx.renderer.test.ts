// The languages of a Word document, as Word's spelling and a screen reader are told them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { renderDocx } from '../../src/exports/docx.renderer.ts';
import type { Language } from '../../src/text/languages.ts';
import { buildPage } from '../support/pages.ts';

const project = {
  id: 'p',
  name: 'Post',
  organisationId: 'default',
  ownerId: 'a',
  ownerName: 'Alice',
  createdAt: '',
};

/** The attributes of `w:lang` in the document's defaults, and in each run by its text. */
async function languagesOf(pages: [text: string, language?: Language][], usual = 'en') {
  const details = pages.map(([text, language], at) => ({
    page: { ...buildPage({}), ...(language ? { language } : {}) },
    number: at + 1,
    lines: [],
    text,
  }));
  const files = unzipSync(await renderDocx({ project, pages: details, language: usual }));
  const read = (name: string) => strFromU8(files[`word/${name}.xml`] as Uint8Array);
  const langIn = (xml: string) => /<w:lang ([^>]*?)\/>/.exec(xml)?.[1]?.trim();
  const [, defaults = ''] = /<w:rPrDefault>([\s\S]*?)<\/w:rPrDefault>/.exec(read('styles')) ?? [];
  const runs = [...read('document').matchAll(/<w:r>([\s\S]*?)<w:t[^>]*>([^<]*)<\/w:t>/g)];
  return { document: langIn(defaults), runs: runs.map(([, about = '', text]) => [text, langIn(about)]) };
}

test('each page’s text is in the page’s language, by its kind of script, and the document in that of most of it', async () => {
  const found = await languagesOf([
    ['Rechnung über Harfen\nGesamtbetrag', 'de'],
    ['Facture', 'fr'],
    ['فاتورة', 'ar'],
    ['חשבונית', 'he'],
    ['請求書', 'ja'],
    ['चालान', 'hi'],
    ['A1 22 X9'],
  ]);
  assert.deepEqual(found, {
    document: 'w:val="de"',
    runs: [
      ['Rechnung über Harfen', 'w:val="de"'],
      ['Gesamtbetrag', 'w:val="de"'],
      ['Facture', 'w:val="fr"'],
      ['فاتورة', 'w:bidi="ar"'],
      ['חשבונית', 'w:bidi="he"'],
      ['請求書', 'w:eastAsia="ja"'],
      ['चालान', 'w:val="hi" w:bidi="hi"'],
      ['A1 22 X9', undefined],
    ],
  });
});

test('a document whose pages have no language, or no text, is in the configured one', async () => {
  assert.deepEqual(await languagesOf([['A1 22 X9']], 'nl'), {
    document: 'w:val="nl"',
    runs: [['A1 22 X9', undefined]],
  });
  assert.equal((await languagesOf([['', 'de']], 'nl')).document, 'w:val="nl"');
});
