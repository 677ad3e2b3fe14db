// What is found by what, and where in the line.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  findInLine,
  keysOf,
  type LookedUp,
  lookedUp,
  markParts,
  queryIn,
  readQuery,
  splitOver,
} from '../../src/search/words.ts';
import type { Language } from '../../src/text/languages.ts';

/** Whether one of a text's keys is looked up for a query's word. */
const isLookedUp = (keys: Iterable<string>, { keys: wanted, short }: LookedUp) =>
  [...keys].some((key) => [...wanted, ...(short ? [short] : [])].some((each) => `${key} `.startsWith(each)));

/** The line with what was found between brackets; undefined when a term is missing. */
function search(line: string, typed: string, language?: Language): string | undefined {
  const query = queryIn(language, readQuery(typed));
  const found = findInLine(line, query);
  if (found.length === 0 || found.some((spans) => spans.length === 0)) return undefined;
  const keys = [...keysOf(line)];
  for (const words of lookedUp(query))
    assert.ok(isLookedUp(keys, words), `${words.keys} is compared, but not in the index`);
  return markParts(line, found.flat())
    .map((part) => (part.found ? `[${part.text}]` : part.text))
    .join('');
}

/** Both lines, with what was found between brackets. */
function searchTwo(line: string, next: string, typed: string): [string, string] | undefined {
  const query = readQuery(typed);
  const found = findInLine(line, query, next);
  if (found.some((spans) => spans.length === 0)) return undefined;
  const keys = [...keysOf(`${line}\n${next}`)];
  for (const words of lookedUp(query)) assert.ok(isLookedUp(keys, words));
  const parts = splitOver(line, found.flat());
  const mark = (text: string, spans: { start: number; end: number }[]) =>
    markParts(text, spans)
      .map((part) => (part.found ? `[${part.text}]` : part.text))
      .join('');
  return [mark(line, parts.here), mark(next, parts.next)];
}

describe('a word that goes on in the next line is found whole, and marked in both', () => {
  const cases: [string, string, string, [string, string] | undefined][] = [
    ['Die Rech-', 'nung liegt bei', 'rechnung', ['Die [Rech-]', '[nung] liegt bei']],
    ['Die Rech-', 'nung liegt bei', 'rechn', ['Die [Rech-]', '[n]ung liegt bei']],
    ['Die Rech-', 'nung liegt bei', 'rech', ['Die [Rech]-', 'nung liegt bei']],
    ['die Stra\u00ad', 'ße', 'strasse', ['die [Stra\u00ad]', '[ße]']],
    ['Die Rech', 'nung', 'rechnung', undefined],
    ['Seite 1-', '2024', '12024', undefined],
    ['彼は東', '京都に住む', '東京都', ['彼は[東]', '[京都]に住む']],
  ];
  for (const [line, next, typed, expected] of cases)
    it(`${typed} in ${line} ${next}`, () => assert.deepEqual(searchTwo(line, next, typed), expected));
});

describe('whatever is on a page is found', () => {
  const alphabets: Record<string, string> = {
    Latin: 'abcdeßüöéñłşığçøæ',
    Greek: 'αβγδέήώς',
    Cyrillic: 'абвгдёйщ',
    Arabic: 'ابتةجأإآىيکـ',
    Hebrew: 'אבגךםןףץ',
    Devanagari: 'कखगफ़ज़ाि',
    Hangul: '한글문서표',
    Han: '東京都北大学',
    Kana: 'あがぱカガパーン',
    Thai: 'กขคงจฉ',
  };
  for (const [script, alphabet] of Object.entries(alphabets)) {
    it(`by the beginning of each word, and by any part where there are no spaces: ${script}`, () => {
      const letters = [...alphabet];
      let state = 42;
      const random = (below: number) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * below);
      };
      const isUnspaced = ['Han', 'Kana', 'Thai'].includes(script);
      for (let round = 0; round < 60; round += 1) {
        const word = () =>
          Array.from({ length: 3 + random(7) }, () => letters[random(letters.length)]).join('');
        const wanted = letters[0] + word();
        const line = `${word()} 12 ${wanted}, ${word()}`;
        const characters = [...wanted];
        const from = isUnspaced ? random(characters.length) : 0;
        const typed = characters.slice(from, from + 1 + random(characters.length - from)).join('');
        const shown = search(line, typed);
        assert.ok(shown?.includes('['), `${typed} in ${line}: ${shown}`);
      }
    });
  }
});

describe('pages that were indexed by the former rules', () => {
  for (const [typed, former] of [
    ['東京都', '東京都に住んでいます'],
    ['מים', 'מים'],
    ['مدرسة', 'مدرسة'],
    ['ガソリン', 'ガソリン'.normalize('NFD')],
    ['müller', 'mueller'],
  ] as const) {
    it(`are still proposed for ${typed}`, () => {
      for (const words of lookedUp(readQuery(typed))) assert.ok(isLookedUp([former], words));
    });
  }
});

describe('ä, ae and a find each other, as do ö and ü with theirs', () => {
  const spellings = [
    ['Müller', 'Mueller', 'Muller'],
    ['KÖLNER', 'KOELNER', 'KOLNER'],
    ['Jäger', 'Jaeger', 'Jager'],
    ['Häuser', 'Haeuser', 'Hauser'],
    ['für', 'fuer', 'fur'],
    ['Mu\u0308ller-Lüdenscheidt', 'Mueller-Luedenscheidt', 'Muller-Ludenscheidt'],
  ];
  for (const words of spellings) {
    for (const written of words) {
      for (const typed of words) {
        it(`${typed} in ${written}`, () => {
          assert.equal(search(`Dr. ${written}, x`, typed), `Dr. [${written}], x`);
          assert.equal(search(`Dr. ${written} x`, `"dr ${typed} x"`), `[Dr. ${written} x]`);
          assert.equal(search(`Dr. ${written}`, `"dr ${typed}"`), `[Dr. ${written}]`);
          assert.equal(search(`${written} x`, `"${typed} x"`), `[${written} x]`);
          for (const language of ['de', 'en', 'pl'] as const)
            assert.equal(search(written, typed, language), `[${written}]`);
        });
      }
    }
  }

  const cases: [string, string, string | undefined][] = [
    ['Herr Mueller', 'mull', undefined],
    ['Herr Mueller', 'mulle', 'Herr [Muelle]r'],
    ['Herr Muller', 'muelle', 'Herr [Mulle]r'],
    ['Mueller/Muller', 'mueller', '[Mueller]/Muller'],
    ['Mueller 2024', '"muller 20', '[Mueller 20]24'],
    ['Anna Muelluenberg', 'mullu', 'Anna [Muellue]nberg'],
    ['Menu, Menü, Menus', 'menue', '[Menu], [Menü], Menus'],
    ['blue, blush', 'blue', '[blue], blush'],
    ['blue', 'blu', '[blu]e'],
    ['the value of valuables', 'value', 'the [value] of valuables'],
    ['continuity', 'continue', undefined],
    ['a new neuer neun', 'neue', 'a new [neue]r neun'],
    ['Quelle, qulle', 'quelle', '[Quelle], qulle'],
    ['Steuer, Steur', 'steuer', '[Steuer], Steur'],
    ['court, cour', 'coeur', undefined],
    ['full, fulfil', 'fuel', undefined],
    ['potential', 'poet', undefined],
    ['Duplicate', 'due', undefined],
    ['stående, stande', 'stande', 'stående, [stande]'],
    ['være, vare', 'vare', 'være, [vare]'],
  ];
  for (const [line, typed, expected] of cases)
    it(`${typed} in ${line}: ${expected ?? 'not'}`, () => assert.equal(search(line, typed), expected));

  it('over the end of a line', () => {
    assert.deepEqual(searchTwo('Herr Muel-', 'ler ist da', 'mullers'), undefined);
    assert.deepEqual(searchTwo('Herr Muel-', 'ler ist da', 'muller'), ['Herr [Muel-]', '[ler] ist da']);
    assert.deepEqual(searchTwo('Herr Mul-', 'ler ist da', 'mueller'), ['Herr [Mul-]', '[ler] ist da']);
  });

  it('not on a page in a language without umlauts, but as one types it', () => {
    assert.equal(search('de goede god', 'goed', 'nl'), 'de [goed]e god');
    assert.equal(search('god is goed', 'god', 'nl'), '[god] is goed');
    assert.equal(search('worden', 'woerden', 'nl'), undefined);
    assert.equal(search('Herr Müller', 'mueller', 'nl'), 'Herr [Müller]');
  });

  it('but a common word does not crowd out the one that was typed: it is looked up apart', () => {
    assert.deepEqual(lookedUp(readQuery('statues')), [{ keys: ['statues'], short: 'status' }]);
    assert.deepEqual(lookedUp(readQuery('fuel')), [{ keys: ['fuel'], short: 'ful ' }], 'as a whole word');
    assert.deepEqual(lookedUp(readQuery('muller')), [{ keys: ['muller'] }]);
  });
});

describe('words are found', () => {
  const cases: [string, string, string | undefined][] = [
    ['Total Incl. of GST', 'tot', '[Tot]al Incl. of GST'],
    ['Total Incl. of GST', 'GST total', '[Total] Incl. of [GST]'],
    ['Total Incl. of GST', 'otal', undefined],
    ['Tel 03-6258 7191', '03-6258', 'Tel [03-6258] 7191'],
    ['Tel 03-6258 7191', '6258', 'Tel 03-[6258] 7191'],
    ['Tel 03-6258 7191', '036258', 'Tel [03-6258] 7191'],
    ['TOTAL RM39.00', '39.00', 'TOTAL RM[39.00]'],
    ['TOTAL RM39.00', 'rm39.00', 'TOTAL [RM39.00]'],
    ['Reg (002231061-T)', '(002231061-T)', 'Reg ([002231061-T])'],
    ['Reg (002231061-T)', '0022', 'Reg ([0022]31061-T)'],
    ['Contratos São Paulo', 'sao paulo', 'Contratos [São] [Paulo]'],
    ['STRASSE und Straße', 'straße', '[STRASSE] und [Straße]'],
    ['ＡＢＣ１２', 'abc12', '[ＡＢＣ１２]'],
    ['私は東京都に住んでいます', '東京', '私は[東京]都に住んでいます'],
    ['我们在北京大学学习', '北京', '我们在[北京]大学学习'],
    ['東京都と京都', '京都', '東[京都]と[京都]'],
    ['東京都と京都', '京', '東[京]都と[京]都'],
    ['私は東京都に住んでいます', '都に住んで', '私は東京[都に住んで]います'],
    ['私は東京都に住んでいます', '東都', undefined],
    ['ガソリン代', 'カソリン', undefined],
    ['ｶﾞｿﾘﾝ代', 'ガソリン', '[ｶﾞｿﾘﾝ]代'],
    ['第A4号室', 'a4号', '第[A4号]室'],
    ['สวัสดีครับ', 'ครับ', 'สวัสดี[ครับ]'],
    ['İstanbul’da ışık', 'istanbul isik', '[İstanbul]’da [ışık]'],
    ['ISPARTA', 'ısparta', '[ISPARTA]'],
    ['Garçon très élevé', 'garcon tres eleve', '[Garçon] [très] [élevé]'],
    ['Zażółć gęślą jaźń', 'zazolc gesla jazn', '[Zażółć] [gęślą] [jaźń]'],
    ['أحمد محمّد', 'احمد محمد', '[أحمد] [محمّد]'],
    ['كتـــاب المدرسة', 'كتاب المدرسه', '[كتـــاب] [المدرسة]'],
    ['مستشفى', 'مستشفي', '[مستشفى]'],
    ['שָׁלוֹם עולם', 'שלום', '[שָׁלוֹם] עולם'],
    ['שלומי', 'שלום', '[שלומ]י'],
    ['फ़ोन नंबर', 'फोन', '[फ़ोन] नंबर'],
    ['한글 문서', '한글', '[한글] 문서'],
    ['l’eau de vie', 'eau', 'l’[eau] de vie'],
    ['Total Incl. of GST', '"total incl"', '[Total Incl]. of GST'],
    ['Total Incl. of GST', '"total of"', undefined],
    ['Total RM39. 00', '39.00', 'Total RM[39. 00]'],
    ['Total RM39 .00', 'rm39.00', 'Total [RM39 .00]'],
    ['Total 39 . 00 paid', '3900', 'Total [39 . 00] paid'],
    ['Total 39.00', '39. 00', 'Total [39].[00]'],
    ['Sum 1, 334.50', '1,334.50', 'Sum [1, 334.50]'],
    ['Sum 1 334,50', '1.334', 'Sum [1 334],50'],
    ['Sum 1,334', '1 334', 'Sum [1],[334]'],
    ['Sum 1,334', '1334', 'Sum [1,334]'],
    ['IBAN DE12 3456 7890 1234', 'de123456789012', 'IBAN [DE12 3456 7890 12]34'],
    ['Tel 03- 6258 7191', '03-62587191', 'Tel [03- 6258 7191]'],
    ['Sum 39. 00 paid', '"sum 39.00 paid"', '[Sum 39. 00 paid]'],
    ['3 apples 12 pears', '312', undefined],
    ['In 2024, 3 of 5', '20243', undefined],
    ['Herr Müller', 'muller', 'Herr [Müller]'],
    ['Herr Müller', 'mueller', 'Herr [Müller]'],
    ['Herr Müller', 'MU\u0308LLER', 'Herr [Müller]'],
    ['Herr Mu\u0308ller', 'mueller', 'Herr [Mu\u0308ller]'],
    ['Herr Muller', 'müller', 'Herr [Muller]'],
    ['Herr Mueller', 'müller', 'Herr [Mueller]'],
    ['Herr Müller', 'mue', 'Herr [Mü]ller'],
    ['Herr Müller', '"herr mueller"', '[Herr Müller]'],
    ['Herr Mueller', '"herr mü', '[Herr Mue]ller'],
    ['Due date', 'du', '[Du]e date'],
    ['Duplicate', 'due', undefined],
    ['Straße', 'strasse', '[Straße]'],
    ['Strasse', 'straße', '[Strasse]'],
    ['STRAẞE', 'strasse', '[STRAẞE]'],
    ['Øresund and Łódź', 'oresund lodz', '[Øresund] and [Łódź]'],
    ['Øresund', 'oeresund', '[Øresund]'],
    ['__proto__ constructor', '__proto__', '__[proto]__ constructor'],
    ['a <b>bold</b>', '<b>bold', 'a <[b>bold]</b>'],
  ];
  for (const [line, typed, expected] of cases) {
    it(`${typed} in ${line}: ${expected ?? 'not'}`, () => assert.equal(search(line, typed), expected));
  }

  it('nothing by nothing, by punctuation, or by half a character', () => {
    for (const typed of ['', '   ', '"', '***', '\ud800', 'AND'.repeat(0)]) {
      assert.deepEqual(readQuery(typed).terms, [], typed);
    }
  });

  it('by the beginning of a query that is too long', () => {
    assert.ok(readQuery('word '.repeat(10_000)).terms.length <= 8);
    const long = 'x'.repeat(100_000);
    assert.ok(lookedUp(readQuery(long)).every(({ keys }) => keys.every((key) => key.length <= 24)));
    assert.equal(search(`${long} y`, 'x'.repeat(150))?.slice(0, 4), '[xxx');
  });

  it('on a page of very many words by some of them, so that its index stays bounded', () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `w${index}x`).join(' ');
    assert.equal(keysOf(text).size, 3000);
  });
});

it('a phrase of words that are each written in two ways is looked up in one pass, not in 2^60', () => {
  const query = readQuery(`"${'ü '.repeat(60)}x"`);
  assert.deepEqual(findInLine(`${'ü '.repeat(80)}y`, query), [[]]);
  assert.equal(findInLine(`${'ue '.repeat(20)}${'ü '.repeat(60)}x`, query)[0]?.length, 1);
});

it('a long row of digits is read in one pass', () => {
  const line = `${'1'.repeat(200_000)}x1 234 ${'1'.repeat(200_000)} 234`;
  const startedAt = performance.now();
  keysOf(line);
  assert.ok(performance.now() - startedAt < 5000);
});
