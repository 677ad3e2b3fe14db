import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPaperliftError } from '../../src/errors.ts';
import { readFileName } from '../../src/files/file-name.ts';
import { projectName } from '../../src/projects/project.ts';

const invisible = {
  'zero width': '\u200b\u200c\u200d\u2060\ufeff',
  'bidirectional controls': '\u202a\u202e\u2066\u2069\u200f',
  'the empty pattern of Braille': '\u2800',
  'fillers of Hangul': '\u115f\u1160\u3164\uffa0',
  'variation selectors': '\ufe0f\u{e0100}',
  'tags, soft hyphen, grapheme joiner': '\u{e0041}\u00ad\u034f',
  'spaces of all widths': 'x\u2003\u00a0\u3000'.slice(1),
  'a mark without a letter': '\u0301',
};

for (const [what, name] of Object.entries(invisible)) {
  test(`a name of ${what} alone is refused, for projects and files`, () => {
    assert.equal(projectName.safeParse(`${name}${name}`).success, false);
    if (name.trim() === '') return; // a file without a name is called “image”
    assert.throws(
      () => readFileName(name),
      (error) => isPaperliftError(error, 'file-name-invisible'),
    );
    assert.throws(
      () => readFileName(`folder/${name}`),
      (error) => isPaperliftError(error, 'file-name-invisible'),
    );
  });
}

test('names that people can see are taken, also with invisible characters in them', () => {
  for (const name of ['मिस्टर', 'می‌خواهم', '👩‍👩‍👧', 'e\u0301', '—', '⠓⠊', '한글']) {
    assert.equal(projectName.parse(name), name.normalize('NFC'));
    assert.equal(readFileName(`${name}.jpg`), `${name}.jpg`);
  }
  assert.equal(readFileName(''), 'image');
});
