// The pages of a project that stand in their PDFs as people have them before them: a searchable PDF carries these over as
// they are, instead of their pictures (docs/decisions/0056).
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BlobStore } from '../aws/blob-store.ts';
import { failureOf } from '../drawing/failures.ts';
import type { PageDrawer } from '../drawing/page-drawer.ts';
import { maxDrawingBytes } from '../files/decoding-cost.ts';
import type { ImportStore } from '../imports/import.store.ts';
import type { Import } from '../imports/import.ts';
import type { PageDetail } from '../pages/page-reader.ts';
import type { DecodeGate } from '../runtime/decode-gate.ts';
import type { Logger } from '../runtime/logger.ts';
import { normalizeRotation } from '../text/rotated-polygons.ts';
import type { CarriedPage } from './pdf/carried-page.ts';
import type { PdfFile } from './pdf/pdf-file.ts';

interface Dependencies {
  imports: Pick<ImportStore, 'find'>;
  blobs: Pick<BlobStore, 'open'>;
  drawer: PageDrawer;
  decodeGate: Pick<DecodeGate, 'run'>;
  logger: Logger;
}

interface Place {
  folder: string;
  signal: AbortSignal;
}

interface Wanted extends PageDetail {
  index: number;
  source: { importId: string; page: number };
}

export function createPdfOriginals({ imports, blobs, drawer, decodeGate, logger }: Dependencies) {
  /** Copies these pages of a file to a PDF of their own. Throws what `failureOf` knows. */
  async function copyPages(item: Import, numbers: number[], { folder, signal }: Place): Promise<string> {
    const original = path.join(folder, `${item.id}.original`);
    const copy = path.join(folder, `${item.id}.pdf`);
    await pipeline((await blobs.open(item.originalKey)).body, createWriteStream(original), { signal });
    const person = item.personId ?? item.projectId;
    const draw = async () => {
      const file = await drawer.open(original, item.contentType, { folder, signal });
      try {
        await file.copyPages(numbers, copy);
      } finally {
        await file.close();
      }
    };
    await decodeGate.run(maxDrawingBytes, draw, { person, signal });
    return copy;
  }

  async function readPages(file: PdfFile, wanted: Wanted[], numbers: number[]) {
    const { NotCarriableError, readCarriedPage } = await import('./pdf/carried-page.ts');
    const places = await file.listPages();
    const found: [number, CarriedPage][] = [];
    for (const { index, page, source } of wanted) {
      try {
        const place = places[numbers.indexOf(source.page)] ?? 'null';
        found.push([index, await readCarriedPage(file, place, normalizeRotation(page.rotation))]);
      } catch (error) {
        if (!(error instanceof NotCarriableError)) throw error;
        logger.info({ err: error, projectId: page.projectId, pageId: page.id }, 'a page becomes a picture');
      }
    }
    return found;
  }

  /** The pages of one file. What cannot be carried over becomes a picture. */
  async function openFile(wanted: Wanted[], place: Place) {
    const [{ openPdfFile }, { PdfSyntaxError }] = await Promise.all([
      import('./pdf/pdf-file.ts'),
      import('./pdf/pdf-values.ts'),
    ]);
    const [first] = wanted as [Wanted];
    const item = await imports.find(first.page.projectId, first.source.importId);
    if (item?.contentType !== 'application/pdf') return undefined;
    const numbers = [...new Set(wanted.map(({ source }) => source.page))];
    let file: PdfFile | undefined;
    try {
      file = await openPdfFile(await copyPages(item, numbers, place));
      return { file, pages: await readPages(file, wanted, numbers) };
    } catch (error) {
      await file?.close();
      if (!failureOf(error) && !(error instanceof PdfSyntaxError)) throw error;
      logger.warn({ err: error, projectId: item.projectId, importId: item.id }, 'pages become pictures');
      return undefined;
    }
  }

  return {
    /** By their places in the export. The files are read until `close`. */
    async open(details: PageDetail[], place: Place) {
      const wanted = details.flatMap((detail, index) => {
        const { source, textSource, straightened } = detail.page;
        return source && textSource === 'pdf-text' && straightened === undefined && isAsInFile(detail)
          ? [{ ...detail, index, source }]
          : [];
      });
      const files: PdfFile[] = [];
      const pages = new Map<number, CarriedPage>();
      const close = async () => {
        await Promise.all(files.map((file) => file.close()));
      };
      try {
        for (const ofFile of Map.groupBy(wanted, ({ source }) => source.importId).values()) {
          const opened = await openFile(ofFile, place);
          if (!opened) continue;
          files.push(opened.file);
          for (const [index, page] of opened.pages) pages.set(index, page);
        }
        return { pages, close };
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

export type PdfOriginals = ReturnType<typeof createPdfOriginals>;

/** Corrected text can be searched for only over a picture: in the file stands what it was. */
function isAsInFile({ lines }: PageDetail): boolean {
  return lines.every(({ corrected, added }) => corrected === undefined && !added);
}
