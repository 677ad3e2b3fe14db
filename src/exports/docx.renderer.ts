// The text as a Word document (Office Open XML): each page of the project starts a new page, each line is a paragraph.
import { Document, Packer, Paragraph, TextRun } from 'docx';
import type { PageDetail } from '../pages/page-reader.ts';
import type { Project } from '../projects/project.ts';

interface Options {
  project: Project;
  pages: PageDetail[];
  /** BCP 47. */
  language: string;
}

// XML 1.0 allows none of these, and Word refuses the whole file: https://www.w3.org/TR/xml/#charsets
const notInXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

export async function renderDocx({ project, pages, language }: Options): Promise<Buffer> {
  const paragraphs = pages.flatMap(({ text }, index) =>
    text.split('\n').map(
      (line, number) =>
        new Paragraph({
          pageBreakBefore: index > 0 && number === 0,
          spacing: { after: 40 },
          children: [new TextRun(line.toWellFormed().replace(notInXml, ' '))],
        }),
    ),
  );
  const document = new Document({
    title: project.name.toWellFormed().replace(notInXml, ' '),
    creator: 'Paperlift',
    styles: { default: { document: { run: { language: { value: language } } } } },
    sections: [{ children: paragraphs }],
  });
  return Packer.toBuffer(document);
}
