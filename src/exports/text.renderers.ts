import type { PageDetail } from '../pages/page-reader.ts';
import type { Project } from '../projects/project.ts';
import type { TranslatedPage } from './page-translations.ts';
import { describeTranslation } from './translation-words.ts';

/** Plain text: the pages in order, separated by form feeds, as in pdftotext's output. */
export function renderTxt(pages: PageDetail[]): string {
  return `${pages.map((page) => page.text).join('\n\f')}\n`;
}

/** All detected text with geometry, as in the API. */
export function renderJson(project: Project, pages: PageDetail[]): string {
  return JSON.stringify(
    {
      id: project.id,
      name: project.name,
      createdAt: project.createdAt,
      pages: pages.map(({ page, number, lines, text }) => ({
        id: page.id,
        number,
        fileName: page.fileName,
        status: page.status,
        ...(page.failure ? { failure: page.failure } : {}),
        width: page.width,
        height: page.height,
        ...(page.language ? { language: page.language } : {}),
        text,
        lines,
      })),
    },
    null,
    2,
  );
}

/** Each page's text, then its translation or why there is none. */
export function renderTranslatedTxt(pages: TranslatedPage[]): string {
  const parts = pages.map((page) => {
    const { original, translation } = describeTranslation(page);
    const text = page.translation.text;
    return [
      `— Page ${page.number}: ${original} —`,
      page.text,
      ...(text === undefined ? [`— ${translation} —`] : [`— ${translation} —`, text]),
    ].join('\n\n');
  });
  return `${parts.join('\n\f')}\n`;
}
