// The text as a Word document (Office Open XML): each page of the project starts a new page, each line is a paragraph.
import { Document, Packer, Paragraph, TextRun } from 'docx';
import type { PageDetail } from '../pages/page-reader.ts';
import type { Project } from '../projects/project.ts';
import { isRightToLeft } from '../text/text-direction.ts';
import { languageOfDocument } from './document-language.ts';

interface Options {
  project: Project;
  pages: PageDetail[];
  /** BCP 47, where the pages' languages are not known. */
  language: string;
}

// XML 1.0 allows none of these, and Word refuses the whole file: https://www.w3.org/TR/xml/#charsets
export const notInXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

export async function renderDocx({ project, pages, language }: Options): Promise<Buffer> {
  const documentLanguage = languageOfDocument(pages, language);
  const paragraphs = pages.flatMap(({ page, text }, index) =>
    text.split('\n').map((line, number) => {
      const rightToLeft = isRightToLeft(line);
      const run = new TextRun({
        text: line.toWellFormed().replace(notInXml, ' '),
        ...(page.language ? { language: toWordLanguage(page.language) } : {}),
        ...(rightToLeft ? { rightToLeft } : {}),
      });
      return new Paragraph({
        pageBreakBefore: index > 0 && number === 0,
        spacing: { after: 40 },
        ...(rightToLeft ? { bidirectional: true } : {}),
        children: [run],
      });
    }),
  );
  const document = new Document({
    title: project.name.toWellFormed().replace(notInXml, ' '),
    creator: 'Paperlift',
    styles: { default: { document: { run: { language: toWordLanguage(documentLanguage) } } } },
    sections: [{ children: paragraphs }],
  });
  return Packer.toBuffer(document);
}

/** Word names the language of each kind of script apart. It takes Devanagari for a complex script where a run says so. */
export function toWordLanguage(language: string) {
  if (/^hi\b/.test(language)) return { value: language, bidirectional: language };
  if (/^(ar|he)\b/.test(language)) return { bidirectional: language };
  return /^(zh|ja|ko)\b/.test(language) ? { eastAsia: language } : { value: language };
}
