// The port's second implementation: Tesseract, for languages that the recognition model does not read.
import { createWorker, type Worker as Tesseract } from 'tesseract.js';
import { spaceByInk } from './hangul-spacing.ts';
import type { RgbImage } from './image.ts';
import { findPrint, trimToInk } from './line-ink.ts';
import type { LineReader, ReadWord } from './line-reader.ts';

const lstmOnly = 1;
const singleLine = '7';
/** Detected lines cut off the small strokes on top of Korean letters, which tell them apart. */
const margin = 0.08;

export async function createTesseractLineReader(given: {
  /** Tesseract's names. */
  languages: string[];
  /** The directory of the `*.traineddata.gz` files. */
  dataPath: string;
}): Promise<LineReader> {
  const tesseract: Tesseract = await createWorker(
    given.languages,
    lstmOnly,
    { langPath: given.dataPath, cacheMethod: 'none', gzip: true, errorHandler: () => {} },
    {},
  );
  await tesseract.setParameters({ debug_file: '/dev/null', tessedit_pageseg_mode: singleLine as never });

  return {
    margin,

    async read(line) {
      const { ink, top, bottom } = findPrint(line);
      // Tesseract takes the grain of the paper for letters.
      if (ink.every((count) => count === 0)) return [];
      const { data } = await tesseract.recognize(toPgm(line), {}, { text: false, blocks: true });
      const words = (data.blocks ?? [])
        .flatMap(({ paragraphs }) => paragraphs)
        .flatMap(({ lines }) => lines)
        .flatMap(({ words: found }) => found);
      const inside = (x: number) => Math.min(line.width, Math.max(0, x));
      const placed = words
        .map(({ text, confidence, bbox }): ReadWord => {
          const place = trimToInk(ink, inside(bbox.x0), inside(bbox.x1));
          return { text: text.trim(), confidence, ...place };
        })
        .filter(({ text }) => text !== '');
      return spaceByInk(placed, ink, bottom - top).filter(({ from, to }) => to > from);
    },
    calibrate: () => (confidence) => confidence,
    async close() {
      await tesseract.terminate();
    },
  };
}

/** The line in grey as a binary PGM file, which needs no compression. A frame would make lines of what reaches in from the neighbours. */
function toPgm({ data, width, height }: RgbImage): Buffer {
  const grey = Buffer.alloc(width * height);
  for (let i = 0; i < grey.length; i++) {
    const [red, green, blue] = [data[i * 3] as number, data[i * 3 + 1] as number, data[i * 3 + 2] as number];
    grey[i] = 0.299 * red + 0.587 * green + 0.114 * blue;
  }
  return Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), grey]);
}
