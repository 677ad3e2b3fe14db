import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'content-disposition';
import { asciiFileName } from '../../src/http/ascii-file-name.ts';
import { contentDisposition } from '../../src/http/attachment-name.ts';

test('a program that knows only plain file names saves a name that people recognize', () => {
  for (const [given, expected] of [
    ['Büro Straße.pdf', 'Buero Strasse.pdf'],
    ['Über ÄÖÜ.pdf', 'Ueber AeOeUe.pdf'],
    ['Bu\u0308ro.pdf', 'Buero.pdf'],
    ['Reçu d’été – n° 5.text.pdf', "Recu d'ete - n 5.text.pdf"],
    ['Žluťoučký kůň, Łódź, Ærø.docx', 'Zlutoucky kun, Lodz, Aero.docx'],
    ['請求書 2026.pdf', '2026.pdf'],
    ['請求書.pdf', 'document.pdf'],
    ['Отчёт (итог).text.pdf', 'document.text.pdf'],
    ['🧾.zip', 'document.zip'],
    ['May expenses.pdf', 'May expenses.pdf'],
  ] as const) {
    assert.equal(asciiFileName(given), expected);
    const header = contentDisposition('attachment', given);
    assert.match(header, /^[\x20-\x7e]+$/);
    assert.equal(parse(header).parameters.filename, given, 'the name as it is');
    assert.equal(parse(header, { extended: false }).parameters.filename, expected);
  }
});

test('a name that cannot leave its header stays in it', () => {
  const header = contentDisposition('inline', 'a"; x=y\\.pdf');
  assert.deepEqual(parse(header).type, 'inline');
  assert.equal(parse(header).parameters.filename, 'a"; x=y\\.pdf');
});
