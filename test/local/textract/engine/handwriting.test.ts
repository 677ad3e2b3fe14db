import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Evidence,
  markLetters,
  tellTextTypes,
  weighLetters,
} from '../../../../src/local/textract/engine/handwriting.ts';
import { measureLetters } from '../../../../src/local/textract/engine/letter-shapes.ts';
import { buildLetterLine, type InkedLetter } from './letter-line.ts';

const tall = 'bdhkl';
/** A line whose letters rise and grow, one after the other, by these many pixels. */
function lettersOf(
  text: string,
  { rises = [0], growths = [0] }: { rises?: number[]; growths?: number[] } = {},
) {
  return [...text].map((letter, i): InkedLetter => {
    const [rise = 0, growth = 0] = [rises[i % rises.length], growths[i % growths.length]];
    return { text: letter, top: (tall.includes(letter) ? 12 : 20) - rise - growth, bottom: 34 - rise };
  });
}
const marksOf = (letters: InkedLetter[], given = {}) => {
  const { line, words } = buildLetterLine(letters, given);
  return markLetters(measureLetters(line, words));
};
const weigh = (letters: InkedLetter[], given = {}) => {
  const { line, words } = buildLetterLine(letters, given);
  return weighLetters(line, words);
};

const text = 'handmadebahn';
const print = marksOf(lettersOf(text));

test('letters that do not stand on one line raise the marks of their tops and bottoms', () => {
  const found = marksOf(lettersOf(text, { rises: [0, 2, -1] }));
  assert.ok(
    found.bottoms > print.bottoms + 0.3 && found.tops > print.tops + 0.3,
    JSON.stringify([print, found]),
  );
});

test('equal letters of different heights raise the mark of heights, and different letters do not', () => {
  assert.ok(marksOf(lettersOf('nanananana', { growths: [0, 0, 3, 3, 5, 5] })).heights > print.heights + 0.3);
  assert.ok(
    Math.abs(marksOf(lettersOf('handmadebahn')).heights - marksOf(lettersOf('nanananana')).heights) < 0.2,
  );
});

test('a line that climbs evenly is as regular as a level one', () => {
  const climbing = lettersOf(text).map(({ top, bottom, ...letter }, i) => {
    return { ...letter, top: top - i, bottom: bottom - i };
  });
  assert.ok(marksOf(climbing).bottoms < print.bottoms + 0.3, `${marksOf(climbing).bottoms}`);
});

test('two letters that stand unevenly are no line that climbs', () => {
  const [even, uneven] = [0, 3].map((rise) =>
    marksOf([...'gapga'].map((letter, i) => ({ text: letter, top: 20, bottom: i === 4 ? 34 - rise : 34 }))),
  );
  assert.ok((uneven?.bottoms ?? 0) > (even?.bottoms ?? 0) + 0.3, JSON.stringify([even, uneven]));
});

test('one letter that stands elsewhere, as a misread one does, makes no line irregular', () => {
  const letters = lettersOf(text);
  letters[5] = { text: 'a', top: 20, bottom: 42 };
  const { bottoms } = marksOf(letters);
  assert.ok(bottoms < print.bottoms + 1.2, `${print.bottoms} to ${bottoms}`);
});

test('a regular line weighs towards print, an irregular and joined one towards handwriting', () => {
  const regular = weigh(lettersOf(text));
  const irregular = weigh(lettersOf(text, { rises: [0, 4, -3], growths: [0, 2, 4] }), {
    joinedAt: 28,
    rise: 0.3,
  });
  assert.equal(regular?.letters, text.length);
  assert.ok((regular?.odds ?? 0) < -2, `${regular?.odds}`);
  assert.ok((irregular?.odds ?? 0) > 1, `${irregular?.odds}`);
});

test('joined letters weigh towards handwriting, parted ones towards print', () => {
  const odds = (joins: object) =>
    weigh(lettersOf(text, { rises: [0, 4, -3] }), { ...joins, rise: 0.3 })?.odds ?? 0;
  assert.ok(odds({ joinedAt: 28 }) > odds({}) + 1, `${odds({ joinedAt: 28 })} and ${odds({})}`);
});

test('letters without ink of their own do not count', () => {
  const inked = lettersOf('hand');
  assert.equal(weigh([...inked.slice(0, 3), { text: 'd', top: 20, bottom: 20 }]), undefined);
});

test('a line of too few letters, of another script, or that the reader is unsure of, weighs nothing', () => {
  assert.equal(weigh(lettersOf('and')), undefined);
  assert.ok(weigh(lettersOf('hand')));
  assert.equal(weigh(lettersOf('договор')), undefined);
  assert.equal(weigh(lettersOf('договорhand')), undefined);
  assert.equal(weigh(lettersOf(text), { probability: 0.7 }), undefined);
});

const line = (odds: number, letters = 20): Evidence => ({ letters, odds });

test('a line is handwriting or print only where its letters say so clearly', () => {
  assert.deepEqual(tellTextTypes([line(5)]), ['handwriting']);
  assert.deepEqual(tellTextTypes([line(1)]), [undefined]);
  assert.deepEqual(tellTextTypes([line(2.6)]), [undefined]);
  assert.deepEqual(tellTextTypes([line(-5)]), ['printed']);
  assert.deepEqual(tellTextTypes([undefined]), [undefined]);
});

test('the other lines of a page decide where a line’s own letters do not, and never against them', () => {
  const handwritten = Array.from({ length: 5 }, () => line(5));
  const printed = Array.from({ length: 5 }, () => line(-6));
  assert.equal(tellTextTypes([line(1.5), ...handwritten])[0], 'handwriting');
  assert.equal(tellTextTypes([line(4), ...printed])[0], undefined);
  assert.equal(tellTextTypes([line(6), ...printed])[0], 'handwriting');
  assert.equal(tellTextTypes([line(-6), ...handwritten])[0], 'printed');
  assert.equal(tellTextTypes([undefined, ...handwritten])[0], undefined);
});

test('one line decides no page, however short, long or clear it is', () => {
  const short = line(5, 4);
  assert.equal(tellTextTypes([line(2), short])[0], undefined);
  const clear = line(50);
  assert.equal(tellTextTypes([line(1), clear])[0], undefined);
  const long = line(5, 400);
  assert.equal(tellTextTypes([line(1.5), long, line(-5), line(-5), line(-5)])[0], undefined);
});
