// The language of a whole export: that of most of its text.
import type { PageDetail } from '../pages/page-reader.ts';

/** BCP 47. `usual` where the pages' languages are not known. */
export function languageOfDocument(pages: Pick<PageDetail, 'page' | 'text'>[], usual: string): string {
  const lengths = new Map<string, number>();
  for (const { page, text } of pages) {
    const language = page.language ?? usual;
    lengths.set(language, (lengths.get(language) ?? 0) + text.length);
  }
  const [main] = [...lengths].sort(([, one], [, other]) => other - one);
  return main && main[1] > 0 ? main[0] : usual;
}
