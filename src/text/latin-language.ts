// Tells the languages in Latin script apart by the words that every text in them is full of, and by those of receipts, letters
// and invoices. Accents and case are ignored: not every scan keeps them.
import type { Language } from './languages.ts';

/** `other`: of neighbouring languages that Paperlift does not know, so that they are not taken for one that it does. */
const lists: Partial<Record<Language | 'other', string>> = {
  en: 'the of and to in is that for it with as was on be at by this have from or are an not you your we our will which has been their please thank thanks dear total amount due date invoice number cash change balance order yours sincerely per each tax subtotal delivery within days two one receipt',
  de: 'der die das und den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum ihr ihre ihren wir uns oder vielen dank rechnung rechnungsnummer summe betrag gesamt gesamtbetrag mwst bar rückgeld datum geehrte herren damen grüßen kunde nr inkl zzgl einkauf lieferung innerhalb tagen werktagen straße euro zahlung konto zwei',
  fr: 'le la les de des du et un une en est que qui dans pour pas sur au aux par avec ce cette il elle nous vous votre notre vos nos sont plus ne se ou mais été être facture montant total tva merci date numéro monsieur madame veuillez agréer espèces client livraison sous jours règlement payer deux rue visite',
  es: 'el la los las de del y que en un una es por con para se no su sus al lo como más pero le ha este esta nos son o entre muy sin sobre factura importe total iva gracias fecha número señor señores señora efectivo cambio cliente entrega días pago calle dos visita cuenta adjunto usted',
  it: 'il lo la gli le di del della dei delle e che in un una è per con non si da al alla sono come più ma ha nel nella questo questa su anche o dal dalla fattura importo totale iva grazie data numero signore signora signori contanti resto cliente consegna entro giorni pagamento via due visita vostra vostro allegato',
  nl: 'de het een en van in is dat op te zijn met voor niet aan er om ook als bij maar door naar uit wordt worden dan nog wel of over u uw wij ons onze deze dit die heeft factuur factuurnummer bedrag totaal totaalbedrag btw bedankt datum geachte heer mevrouw contant wisselgeld klant levering binnen dagen werkdagen straat betaling twee bezoek euro',
  pt: 'o os as de do da dos das e que em um uma é por com para se não na no nas nos ao à seu sua como mais mas foi são pela pelo ou este esta fatura valor total iva obrigado obrigada data número senhor senhora senhores dinheiro troco cliente entrega dias pagamento rua dois visita vossa anexo úteis',
  pl: 'i w na z do się nie że to jest od za po jak o dla przez przy oraz ale być są był była tym tego jego ich ten ta te lub już tylko faktura kwota suma razem zapłaty dziękujemy data numer szanowni państwo pan pani gotówka reszta klient dostawa dni wizytę ulica ul dwa dwie jedna zł nip paragon fiskalny sprzedaży ptu',
  other:
    'og af er ikke til som på den det der har fra jeg vi deres hvis eller også och att av är inte från med om för kr kroner kronor moms ska som till ett din mitt si pe cu din va fi este sunt noastre dumneavoastră ze dne je jsou jsme že prosím děkujeme k s v které pro nebo za ve vašeho datum és az hogy nem egy ve bir için ile bu och ja ei että on tai',
};

const fold = (text: string) => text.toLowerCase().replace('ł', 'l').normalize('NFD').replace(/\p{M}/gu, '');

/** The languages of each word. */
const known = new Map<string, (Language | 'other')[]>();
for (const [tag, list] of Object.entries(lists)) {
  for (const word of new Set(fold(list).split(' ')))
    known.set(word, [...(known.get(word) ?? []), tag as Language | 'other']);
}

/** So many words, and so much of the text, have to be known before a language is told without a choice. */
const fewestPoints = 2.5;
const fewestShare = 0.08;
/** The best language has to be ahead of the next by this factor. */
const lead = 1.25;

interface Vote {
  best: Language | 'other' | undefined;
  isSure: boolean;
}

function vote(text: string, among: readonly (Language | 'other')[]): Vote {
  const words = fold(text).match(/\p{Script=Latin}+/gu) ?? [];
  const points = new Map<Language | 'other', number>();
  for (const word of words) {
    const tags = (known.get(word) ?? []).filter((tag) => among.includes(tag));
    // a word of many languages says little
    for (const tag of tags) points.set(tag, (points.get(tag) ?? 0) + 1 / tags.length ** 2);
  }
  const [first, second] = [...points].sort(([, one], [, other]) => other - one);
  if (!first) return { best: undefined, isSure: false };
  const [best, most] = first;
  const isSure =
    most >= fewestPoints && most >= fewestShare * words.length && most >= lead * (second?.[1] ?? 0);
  return { best, isSure };
}

/** Among the chosen languages. `undefined`: the text has no word that tells. */
export function guessAmong(text: string, languages: readonly Language[]): Language | undefined {
  const { best } = vote(text, languages);
  return best === 'other' ? undefined : best;
}

/** Among all. `undefined`: unsure, as for languages that are not known. */
export function guessAmongAll(text: string): Language | undefined {
  const { best, isSure } = vote(text, Object.keys(lists) as (Language | 'other')[]);
  return isSure && best !== 'other' ? best : undefined;
}
