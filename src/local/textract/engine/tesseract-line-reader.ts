// The port's second implementation: Tesseract, for languages that the recognition model does not read.
import { createWorker, type Worker as Tesseract } from 'tesseract.js';
import type { RgbImage } from './image.ts';
import type { LineReader, ReadWord } from './line-reader.ts';

const lstmOnly = 1;
const singleLine = '7';
/** White around the line, in pixels: Tesseract misses letters that touch the edge. */
const border = 8;

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
    async read(line) {
      const { data } = await tesseract.recognize(toPgm(line), {}, { text: false, blocks: true });
      const words = (data.blocks ?? [])
        .flatMap(({ paragraphs }) => paragraphs)
        .flatMap(({ lines }) => lines)
        .flatMap(({ words: found }) => found);
      const inside = (x: number) => Math.min(line.width, Math.max(0, x - border));
      return words
        .map(({ text, confidence, bbox }): ReadWord => {
          const from = inside(bbox.x0);
          return { text: text.trim(), confidence, from, to: Math.max(from + 1, inside(bbox.x1)) };
        })
        .filter(({ text }) => text !== '');
    },
    async close() {
      await tesseract.terminate();
    },
  };
}

/** The line in grey with white around it, as a binary PGM file, which needs no compression. */
function toPgm({ data, width, height }: RgbImage): Buffer {
  const [wide, high] = [width + 2 * border, height + 2 * border];
  const grey = Buffer.alloc(wide * high, 255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      grey[(y + border) * wide + x + border] =
        0.299 * (data[at] as number) + 0.587 * (data[at + 1] as number) + 0.114 * (data[at + 2] as number);
    }
  }
  return Buffer.concat([Buffer.from(`P5\n${wide} ${high}\n255\n`), grey]);
}
