// The most expensive images that are still accepted, one of each kind. They are of one colour, so the files are small:
// a decoder's memory depends on the header.
import sharp, { type Sharp } from 'sharp';
import { type ImageHeader, largestReadable } from '../src/files/decoding-cost.ts';
import { buildPdf } from '../test/support/documents.ts';
import { withJpegOrientation, withOrientation } from '../test/support/odd-images.ts';

export interface WorstImage {
  fileName: string;
  contentType: string;
  file: Buffer;
}

const turned = 6;
const largest = 100_000_000;
const grey = { r: 200, g: 190, b: 180 };

type Kind = ImageHeader extends infer Header
  ? Header extends ImageHeader
    ? Omit<Header, 'width' | 'height'>
    : never
  : never;

/** The side of the largest square image of this kind. */
function sideOf(kind: Kind): number {
  const most = largestReadable({ ...kind, width: 1, height: 1 } as ImageHeader);
  return Math.floor(Math.sqrt(Math.min(most, largest)));
}

function even(side: number, { alpha = false } = {}): Sharp {
  const background = alpha ? { ...grey, alpha: 0.9 } : grey;
  return sharp({
    create: { width: side, height: side, channels: alpha ? 4 : 3, background },
    limitInputPixels: false,
  });
}

export async function makeWorstImages(): Promise<WorstImage[]> {
  const jpeg = { kind: 'jpeg', components: 3, samples: 3, scans: 'progressive' } as const;
  const png = { kind: 'png', channels: 4, bitDepth: 16, isInterlaced: true } as const;
  const make = async (name: string, contentType: string, image: Sharp | Promise<Buffer>) => {
    const file = image instanceof Promise ? await image : await image.toBuffer();
    return { fileName: `${name}.${contentType.split('/')[1]}`, contentType, file };
  };
  const full = { chromaSubsampling: '4:4:4' } as const;
  const asTurned = { orientation: turned };
  const cmyk = even(sideOf({ ...jpeg, components: 4, samples: 4 }))
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk');
  const photo = await even(10_000).jpeg().toBuffer();
  return [
    await make('baseline', 'image/jpeg', even(10_000).jpeg().withMetadata(asTurned)),
    await make(
      'progressive',
      'image/jpeg',
      even(sideOf(jpeg))
        .jpeg({ ...full, progressive: true })
        .withMetadata(asTurned),
    ),
    await make(
      'progressive-cmyk',
      'image/jpeg',
      cmyk
        .jpeg({ ...full, progressive: true })
        .toBuffer()
        .then((file) => withJpegOrientation(file, turned)),
    ),
    await make(
      'interlaced-16-bit',
      'image/png',
      even(sideOf(png), { alpha: true })
        .toColourspace('rgb16')
        .png({ progressive: true, compressionLevel: 1 })
        .toBuffer()
        .then((file) => withOrientation(file, turned)),
    ),
    await make(
      'lossless',
      'image/webp',
      even(sideOf({ kind: 'webp' }), { alpha: true })
        .webp({ lossless: true, effort: 0 })
        .withMetadata(asTurned),
    ),
    await make(
      'ten-bits',
      'image/avif',
      even(sideOf({ kind: 'avif', bitDepth: 10 }), { alpha: true }).avif({ effort: 0, bitdepth: 10 }),
    ),
    await make('turned', 'image/tiff', even(10_000).tiff({ compression: 'lzw' }).withMetadata(asTurned)),
    await make('photo', 'application/pdf', buildPdf([{ image: photo, width: 1000, height: 1000 }])),
  ];
}
