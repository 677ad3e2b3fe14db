import type { PageDetail } from '../pages/page-reader.ts';
import type { Project } from '../projects/project.ts';

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
