// Generated pages in every language that the server reads, so that their words are known.
import { drawSvg } from './svg.ts';

interface LanguagePage {
  language: string;
  lines: string[];
  /** Without spaces between words: measured by letters. */
  byLetters: boolean;
  /** The share of its words, or letters, that has to be read. */
  atLeast: number;
}

const page = (language: string, lines: string[], atLeast = 0.93): LanguagePage => ({
  language,
  lines,
  byLetters: language === 'zh' || language === 'ja',
  atLeast,
});

// The first articles of the Universal Declaration of Human Rights, and lines as they stand in letters and invoices.
export const languagePages: LanguagePage[] = [
  page('en', [
    'All human beings are born free and equal in dignity and rights.',
    'They are endowed with reason and conscience and should act',
    'towards one another in a spirit of brotherhood.',
    'Everyone has the right to life, liberty and security of person.',
    'Invoice no. 2025-118 of 14 March, payable within 30 days',
    'Total amount due 1,249.00',
  ]),
  page('de', [
    'Alle Menschen sind frei und gleich an Würde und Rechten geboren.',
    'Sie sind mit Vernunft und Gewissen begabt und sollen einander',
    'im Geist der Brüderlichkeit begegnen.',
    'Größere Änderungen der Maße müssen wir schriftlich bestätigen.',
    'Rechnung Nr. 2025-118 vom 14. März, fällig in 30 Tagen',
    'Gesamtbetrag einschließlich Mehrwertsteuer 1.249,00',
  ]),
  page('fr', [
    'Tous les êtres humains naissent libres et égaux en dignité',
    'et en droits. Ils sont doués de raison et de conscience et',
    'doivent agir les uns envers les autres dans un esprit de fraternité.',
    'Nous avons bien reçu votre règlement et vous en remercions.',
    'Facture émise à Orléans le 14 août, payable sous 30 jours',
    'Montant à régler, taxes comprises 1 249,00',
  ]),
  page('es', [
    'Todos los seres humanos nacen libres e iguales en dignidad',
    'y derechos y, dotados como están de razón y conciencia,',
    'deben comportarse fraternalmente los unos con los otros.',
    '¿Cuándo llegará el próximo envío? El señor Núñez espera.',
    'Factura emitida en Málaga el día 14 de marzo de este año',
    'Importe total con impuestos 1.249,00',
  ]),
  page('it', [
    'Tutti gli esseri umani nascono liberi ed eguali in dignità',
    'e diritti. Essi sono dotati di ragione e di coscienza e devono',
    'agire gli uni verso gli altri in spirito di fratellanza.',
    'La società è già stata avvisata: perciò non c’è più fretta.',
    'Fattura emessa a Forlì lunedì 14 marzo, scadenza 30 giorni',
    'Importo totale, imposte comprese 1.249,00',
  ]),
  page('nl', [
    'Alle mensen worden vrij en gelijk in waardigheid en rechten',
    'geboren. Zij zijn begiftigd met verstand en geweten, en behoren',
    'zich jegens elkander in een geest van broederschap te gedragen.',
    'De coöperatie van België heeft de financiën geïnspecteerd.',
    'Factuur van 14 maart, te betalen binnen dertig dagen',
    'Totaal te betalen bedrag 1.249,00',
  ]),
  page('pt', [
    'Todos os seres humanos nascem livres e iguais em dignidade',
    'e em direitos. Dotados de razão e de consciência, devem agir',
    'uns para com os outros em espírito de fraternidade.',
    'As instruções não estão disponíveis à distância até amanhã.',
    'Fatura emitida em São João no dia 14 de março deste ano',
    'Valor total com impostos 1.249,00',
  ]),
  page('pl', [
    'Wszyscy ludzie rodzą się wolni i równi pod względem swej',
    'godności i swych praw. Są oni obdarzeni rozumem i sumieniem',
    'i powinni postępować wobec innych w duchu braterstwa.',
    'Każdy człowiek ma prawo do życia, wolności i bezpieczeństwa.',
    'Faktura wystawiona w Łodzi dnia 14 października, płatna w środę',
    'Łączna kwota do zapłaty 1 249,00',
  ]),
  page('zh', [
    '人人生而自由，在尊严和权利上一律平等。',
    '他们赋有理性和良心，并应以兄弟关系的精神相对待。',
    '人人有权享有生命、自由和人身安全。',
    '任何人不得使为奴隶或奴役。',
    '发票日期二零二五年三月十四日，三十天内付款。',
    '应付总金额一千二百四十九元整',
  ]),
  page('ja', [
    'すべての人間は、生まれながらにして自由であり、',
    'かつ、尊厳と権利とについて平等である。',
    '人間は、理性と良心とを授けられており、',
    '互いに同胞の精神をもって行動しなければならない。',
    '請求書は三月十四日に発行されました。',
    'お支払いは三十日以内にお願いいたします。',
  ]),
  page('ko', [
    '모든 인간은 태어날 때부터 자유로우며 그 존엄과',
    '권리에 있어 동등하다. 인간은 천부적으로 이성과',
    '양심을 부여받았으며 서로 형제애의 정신으로',
    '행동하여야 한다. 모든 사람은 생명과 신체의 자유와',
    '안전에 대한 권리를 가진다. 청구서는 삼월에 발행되었고',
    '삼십일 이내에 지불하여 주시기 바랍니다.',
  ]),
  page(
    'ar',
    [
      'يولد جميع الناس أحرارا متساوين في الكرامة والحقوق',
      'وقد وهبوا عقلا وضميرا وعليهم أن يعامل بعضهم بعضا',
      'بروح الإخاء. لكل فرد الحق في الحياة والحرية',
      'وسلامة شخصه. لا يجوز استرقاق أو استعباد أي شخص',
      'صدرت الفاتورة في شهر مارس من هذا العام',
      'المبلغ الإجمالي المستحق للدفع خلال ثلاثين يوما',
    ],
    0.85,
  ),
  page(
    'he',
    [
      'כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם',
      'כולם חוננו בתבונה ובמצפון לפיכך חובה עליהם לנהוג',
      'איש ברעהו ברוח של אחווה. כל אדם זכאי לחיים',
      'לחירות ולביטחון אישי. לא יהיה אדם עבד או משועבד',
      'החשבונית הוצאה בחודש מרץ של השנה הזאת',
      'הסכום הכולל לתשלום בתוך שלושים יום',
    ],
    0.85,
  ),
  page(
    'hi',
    [
      'सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात',
      'स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा',
      'की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से',
      'बर्ताव करना चाहिए। प्रत्येक व्यक्ति को जीवन और',
      'स्वतन्त्रता का अधिकार है। यह बिल मार्च में जारी हुआ',
      'कुल राशि तीस दिन के अन्दर देय है',
    ],
    0.85,
  ),
];

const fonts = 'Noto Sans, Noto Sans CJK SC, Noto Sans Arabic, Noto Sans Hebrew, Noto Sans Devanagari';
const size = { width: 1240, height: 900 };
const fontSize = 34;

export async function drawLanguagePage({ language, lines }: LanguagePage): Promise<Buffer> {
  const fromRight = language === 'ar' || language === 'he';
  const rows = lines.map((text, i) => {
    const place = fromRight ? `x="${size.width - 90}" direction="rtl"` : 'x="90"';
    return `<text ${place} y="${120 + i * 110}">${text}</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" xml:lang="${language}">
    <rect width="100%" height="100%" fill="#fff"/><g font-family="${fonts}" font-size="${fontSize}" fill="#222">${rows.join('')}</g></svg>`;
  return drawSvg(svg).jpeg({ quality: 85 }).toBuffer();
}
