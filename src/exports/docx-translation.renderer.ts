// A Word document with the text of each page and its translation, side by side.
import {
  Document,
  Packer,
  PageOrientation,
  Paragraph,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  TextRun,
  WidthType,
} from 'docx';
import type { Project } from '../projects/project.ts';
import { isRightToLeft } from '../text/text-direction.ts';
import { notInXml, toWordLanguage } from './docx.renderer.ts';
import type { TranslatedPage } from './page-translations.ts';
import { describeTranslation } from './translation-words.ts';

interface Options {
  project: Project;
  pages: TranslatedPage[];
  /** BCP 47, where the pages' languages are not known. */
  language: string;
}

/** Twentieths of a point: half the width of A4 across, without its margins. */
const columnWidth = 6950;

export async function renderTranslatedDocx({ project, pages, language }: Options): Promise<Buffer> {
  const children = pages.flatMap((page, index) => [
    new Paragraph({
      pageBreakBefore: index > 0,
      keepNext: true,
      spacing: { after: 80 },
      children: [new TextRun({ text: `Page ${page.number}`, bold: true })],
    }),
    tableOf(page),
  ]);
  const document = new Document({
    title: clean(project.name),
    creator: 'Paperlift',
    styles: { default: { document: { run: { language: toWordLanguage(language) } } } },
    sections: [{ properties: { page: { size: { orientation: PageOrientation.LANDSCAPE } } }, children }],
  });
  return Packer.toBuffer(document);
}

function tableOf(page: TranslatedPage): Table {
  const { translation, text } = page;
  const headings = describeTranslation(page);
  const cells = (left: Paragraph[], right: Paragraph[]) =>
    [left, right].map(
      (children) => new TableCell({ width: { size: columnWidth, type: WidthType.DXA }, children }),
    );
  return new Table({
    columnWidths: [columnWidth, columnWidth],
    layout: TableLayoutType.FIXED,
    rows: [
      new TableRow({
        tableHeader: true,
        children: cells([headingOf(headings.original)], [headingOf(headings.translation)]),
      }),
      new TableRow({
        children: cells(
          paragraphsOf(text, translation.from),
          paragraphsOf(translation.text ?? '', translation.to),
        ),
      }),
    ],
  });
}

const headingOf = (text: string) =>
  new Paragraph({
    children: [new TextRun({ text: text.charAt(0).toUpperCase() + text.slice(1), italics: true })],
  });

function paragraphsOf(text: string, language: string | undefined): Paragraph[] {
  return text.split('\n').map((line) => {
    const rightToLeft = isRightToLeft(line);
    return new Paragraph({
      spacing: { after: 40 },
      ...(rightToLeft ? { bidirectional: true } : {}),
      children: [
        new TextRun({
          text: clean(line),
          ...(language ? { language: toWordLanguage(language) } : {}),
          ...(rightToLeft ? { rightToLeft } : {}),
        }),
      ],
    });
  });
}

const clean = (text: string) => text.toWellFormed().replace(notInXml, ' ');
