import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadTextractConfig } from '../../../src/local/textract/textract.config.ts';

test('an empty environment runs on loopback in English', () => {
  const config = loadTextractConfig({});
  assert.equal(config.host, '127.0.0.1');
  assert.deepEqual(config.languages, ['eng']);
  assert.ok(config.workers >= 1);
});

test('all mistakes are reported together, a language that is not installed among them', () => {
  assert.throws(
    () => loadTextractConfig({ TEXTRACT_PORT: 'x', TESSERACT_WORKERS: '0', TESSERACT_LANGUAGES: 'eng+tlh' }),
    (error: Error) =>
      ['TEXTRACT_PORT', 'TESSERACT_WORKERS', '"tlh" is not installed'].every((part) =>
        error.message.includes(part),
      ),
  );
});
