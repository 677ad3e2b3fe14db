import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadTextractConfig } from '../../../src/local/textract/textract.config.ts';

test('an empty environment runs on loopback in English', () => {
  const config = loadTextractConfig({});
  assert.equal(config.host, '127.0.0.1');
  assert.deepEqual(config.languages, ['en']);
  assert.ok(config.workers >= 1);
});

test('all mistakes are reported together, a language that the server does not know among them', () => {
  assert.throws(
    () => loadTextractConfig({ TEXTRACT_PORT: 'x', TEXTRACT_WORKERS: '0', TEXTRACT_LANGUAGES: 'en+tlh' }),
    (error: Error) =>
      ['TEXTRACT_PORT', 'TEXTRACT_WORKERS', '"tlh" is not one of en, de'].every((part) =>
        error.message.includes(part),
      ),
  );
});

test('a directory without models is named, and one that is missing', () => {
  assert.throws(
    () => loadTextractConfig({ TEXTRACT_MODELS_DIR: import.meta.dirname }),
    /TEXTRACT_MODELS_DIR: .*no PP-OCR model/,
  );
  assert.throws(
    () => loadTextractConfig({ TEXTRACT_MODELS_DIR: '/nowhere' }),
    /TEXTRACT_MODELS_DIR: .*ENOENT/,
  );
});

test('languages may be named by their tags, with a region, and by Tesseract’s codes', () => {
  assert.deepEqual(loadTextractConfig({ TEXTRACT_LANGUAGES: 'de-AT, fra+chi_sim' }).languages, [
    'de',
    'fr',
    'zh',
  ]);
});
