// Finds the lines of a page: PP-OCR's detection model on a small copy of the page, and on a larger one where the print is small.
import { readFileSync } from 'node:fs';
import { fuseGraph } from './graph-fusing.ts';
import { openRaw, type Quad, type RgbImage, sidesOf, toPlanes } from './image.ts';
import { readModel, writeModel } from './onnx-file.ts';
import { findRegions, quadOf, type Regions } from './regions.ts';
import type { Runtime } from './runtime.ts';

export interface FoundLines {
  /** In pixels of the page. */
  quads: Quad[];
  /** The direction of the lines, in radians. */
  angle: number;
}

// ImageNet's, in the order blue, green, red that the model takes them in: PaddleOCR applies red's figures to blue.
const mean = [0.485, 0.456, 0.406];
const deviation = [0.229, 0.224, 0.225];
const scale = deviation.map((value) => 1 / 255 / value);
const offset = deviation.map((value, i) => -(mean[i] as number) / value);

const coarseSide = 704;
const fineSide = 1280;
const maxEnlargement = 2;
/** The model takes sides that are multiples of this. */
const sideStep = 32;
/** Print that is lower than this on the coarse copy, in pixels, is looked for again on the fine one. */
const smallPrint = 7;

export async function createRegionDetector(given: { runtime: Runtime; model: string }) {
  const model = readModel(readFileSync(given.model));
  fuseGraph(model);
  const network = await given.runtime.load(writeModel(model));

  async function look(page: RgbImage, side: number) {
    const factor = Math.min(maxEnlargement, side / Math.max(page.width, page.height));
    const fit = (length: number) => Math.max(sideStep, Math.round((length * factor) / sideStep) * sideStep);
    const [width, height] = [fit(page.width), fit(page.height)];
    const data = await openRaw(page)
      .resize({ width, height, fit: 'fill', kernel: 'linear' })
      .raw()
      .toBuffer();
    const planes = toPlanes({ data, width, height }, { width, scale, offset });
    const { data: values } = await network.run(planes, [1, 3, height, width]);
    return {
      regions: findRegions({ values, width, height }),
      scaleX: page.width / width,
      scaleY: page.height / height,
    };
  }

  return {
    async find(page: RgbImage): Promise<FoundLines> {
      let seen = await look(page, coarseSide);
      if (Math.max(page.width, page.height) > coarseSide && isUncertain(seen.regions)) {
        seen = await look(page, fineSide);
      }
      const { regions, scaleX, scaleY } = seen;
      const quads = regions.rectangles.map((box) => quadOf(box, scaleX, scaleY));
      return {
        quads: quads.filter((quad) => Math.min(...Object.values(sidesOf(quad))) >= 1),
        angle: regions.angle,
      };
    },
    close: () => network.release(),
  };
}

function isUncertain({ rectangles, lineCount, agreement }: Regions): boolean {
  const heights = rectangles.map(({ width, height }) => Math.min(width, height)).sort((a, b) => a - b);
  const median = heights[heights.length >> 1] ?? Number.POSITIVE_INFINITY;
  return (
    median < smallPrint || rectangles.length < 4 || lineCount < 0.4 * rectangles.length || agreement < 0.8
  );
}

export type RegionDetector = Awaited<ReturnType<typeof createRegionDetector>>;
