import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { knownLanguages } from '../../src/text/languages.ts';
import { detectLanguage } from '../../src/text/page-language.ts';

const letters: Record<string, string> = {
  en: 'Please find enclosed the signed contract for the rental of the office on the second floor.',
  de: 'Anbei erhalten Sie den unterschriebenen Mietvertrag für das Büro im zweiten Stock.',
  fr: 'Veuillez trouver ci-joint le contrat signé pour la location du bureau au deuxième étage.',
  es: 'Adjunto encontrará el contrato firmado para el alquiler de la oficina en el segundo piso.',
  it: 'In allegato trovate il contratto firmato per l’affitto dell’ufficio al secondo piano. Grazie per la vostra lettera e per la vostra visita.',
  nl: 'Hierbij ontvangt u het ondertekende huurcontract voor het kantoor op de tweede verdieping.',
  pt: 'Em anexo encontra o contrato assinado para o arrendamento do escritório no segundo andar. Obrigado pela vossa carta, que não foi a única este ano.',
  pl: 'W załączeniu przesyłamy podpisaną umowę najmu biura na drugim piętrze. Dziękujemy za list oraz za wizytę, która była dla nas ważna.',
  zh: '请查收附件中已签署的二楼办公室租赁合同。',
  ja: '二階の事務所の賃貸契約書を同封いたしましたのでご確認ください。',
  ko: '이층 사무실의 서명된 임대차 계약서를 동봉합니다.',
  ar: 'تجدون مرفقا عقد الإيجار الموقع للمكتب في الطابق الثاني.',
  he: 'מצורף חוזה השכירות החתום של המשרד בקומה השנייה.',
  hi: 'कृपया दूसरी मंज़िल के कार्यालय का हस्ताक्षरित किराया अनुबंध संलग्न पाएँ।',
};

describe('the language of a page', () => {
  for (const tag of knownLanguages) {
    test(`is found where nothing is chosen: ${tag}`, () => {
      assert.equal(detectLanguage(letters[tag] ?? ''), tag);
    });
  }

  test('is found on receipts and forms, in capitals and without accents', () => {
    assert.equal(
      detectLanguage('SUMME EUR 12,50\nBAR 20,00\nRUCKGELD 7,50\nVIELEN DANK FUR IHREN EINKAUF'),
      'de',
    );
    assert.equal(
      detectLanguage('TOTAL 12.50\nCASH 20.00\nCHANGE 7.50\nTHANK YOU FOR SHOPPING WITH US'),
      'en',
    );
  });

  test('is the chosen one, whatever the text; of several, the one that fits', () => {
    assert.equal(detectLanguage('12,50', ['pl']), 'pl');
    assert.equal(detectLanguage('', ['ar']), 'ar');
    assert.equal(detectLanguage('Gesamtbetrag 34,70', ['en', 'de']), 'de');
    assert.equal(detectLanguage('Total amount 34.70', ['en', 'de']), 'en');
    assert.equal(detectLanguage(letters.ja ?? '', ['en', 'ja']), 'ja');
    assert.equal(detectLanguage('領収書 合計', ['en', 'ja']), 'ja', 'signs that Chinese has, too');
    const mixed = `${letters.zh} Total amount`;
    assert.equal(detectLanguage(mixed, ['en', 'de']), 'en', 'of the chosen scripts alone');
    assert.equal(
      detectLanguage('A1 22 X9 QTY', ['fr', 'de']),
      'de',
      'one of them, where the text tells none',
    );
  });

  test('is left open where it cannot be told, and for languages that are not known', () => {
    for (const text of ['', '12.50 34.70', 'A1 22 X9 QTY 3 SKU', 'Hans Müller'])
      assert.equal(detectLanguage(text), undefined, text);
    for (const text of [
      'Vi bekräftar mottagandet av ert brev av den fjärde mars och tackar för beställningen av två stolar.',
      'Vi bekræfter modtagelsen af Deres brev af 4. marts. Tak for Deres ordre, at betale 340 kroner i alt.',
      'Potvrzujeme přijetí vašeho dopisu ze dne 4. března a děkujeme za objednávku na dvě židle.',
    ])
      assert.equal(detectLanguage(text), undefined, text);
    assert.equal(detectLanguage('', ['en', 'de']), undefined);
    assert.equal(detectLanguage(letters.he ?? '', ['en', 'de']), undefined);
  });

  test('is that of most of the text', () => {
    assert.equal(detectLanguage(`Invoice PDF-2311\n${letters.zh}`), 'zh');
    assert.equal(detectLanguage(`${letters.en}\n${letters.en}\n東京`), 'en');
  });

  test('takes no longer for a page of print than people notice', () => {
    const page = `${letters.de}\n`.repeat(2000);
    const since = performance.now();
    assert.equal(detectLanguage(page), 'de');
    assert.ok(performance.now() - since < 1000);
  });
});
