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
