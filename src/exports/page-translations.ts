// Translations of pages. Each is stored beside its page's other objects, so that an unchanged page is paid for once, an export that is
// tried again goes on where it stopped, and a translation goes with its page.
import { createHash } from 'node:crypto';
import pMap from 'p-map';
import type { BlobStore } from '../aws/blob-store.ts';
import { pageKeys } from '../pages/page.keys.ts';
import type { PageDetail } from '../pages/page-reader.ts';
import type { Language } from '../text/languages.ts';
import type { TextTranslator, Translated } from './text-translator.ts';
import { joinBrokenLines } from './translation-parts.ts';

interface Dependencies {
  blobs: Pick<BlobStore, 'read' | 'put'>;
  translator: TextTranslator;
}

/** A page with its translation. Without `text`: the page has none, is in that language already, or its language could not be told. */
export interface TranslatedPage extends PageDetail {
  translation: Translated & { to: Language };
}

const concurrency = 4;

export function createPageTranslations({ blobs, translator }: Dependencies) {
  async function translatePage({ page, text }: PageDetail, to: Language, signal: AbortSignal) {
    const from = page.language;
    if (text.trim() === '') return {};
    if (from === to) return { from };
    const whole = joinBrokenLines(text);
    const digest = createHash('sha256')
      .update(JSON.stringify([from, whole]))
      .digest('hex')
      .slice(0, 32);
    const key = `${pageKeys.all(page)}translations/${to}-${digest}.json`;
    const stored = await blobs.read(key).catch((error) => {
      if ((error as Error).name !== 'NoSuchKey') throw error;
      return undefined;
    });
    if (stored) return JSON.parse(stored.toString('utf8')) as Translated;
    const translated = await translator.translate(whole, { from, to, signal });
    await blobs.put(key, JSON.stringify(translated), 'application/json');
    return translated;
  }

  return {
    translateAll: (
      pages: PageDetail[],
      to: Language,
      { signal, onPage }: { signal: AbortSignal; onPage: (done: number) => void },
    ): Promise<TranslatedPage[]> => {
      let done = 0;
      return pMap(
        pages,
        async (detail) => {
          const translated = await translatePage(detail, to, signal);
          done += 1;
          onPage(done);
          return { ...detail, translation: { ...translated, to } };
        },
        { concurrency, signal },
      );
    },
  };
}

export type PageTranslations = ReturnType<typeof createPageTranslations>;
