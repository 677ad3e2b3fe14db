// The files that the checks upload. The same bytes on every machine with the same sharp and fonts.
import sharp from 'sharp';
import { textImage, textJpeg } from '../support/images.ts';

let made: ReturnType<typeof make> | undefined;

async function make() {
  const [invoice, letter, short] = await Promise.all([
    textJpeg(['Invoice number 4711', 'Total amount 12.50'], { width: 900, height: 300 }),
    textImage(['Thank you very much'], { width: 800, height: 240 }).then((image) => image.png().toBuffer()),
    textJpeg(['Short note'], { width: 500, height: 200 }),
  ]);
  const webp = await sharp(short).webp({ lossless: true }).toBuffer();
  return {
    invoice: { fileName: 'invoice.jpg', type: 'image/jpeg', body: invoice },
    letter: { fileName: 'Brief an Frau Müller.png', type: 'image/png', body: letter },
    short: { fileName: 'short.jpg', type: 'image/jpeg', body: short },
    webp: { fileName: 'short.webp', type: 'image/webp', body: webp },
    /** As much as fits through Lambda, whose event holds 6 MB with the body in base64. */
    large: { fileName: 'large.jpg', type: 'image/jpeg', body: padJpeg(short, 3_500_000) },
    /** More than that: goes straight to S3. */
    huge: { fileName: 'huge.jpg', type: 'image/jpeg', body: padJpeg(short, 9_000_000) },
  };
}

export function sampleFiles() {
  made ??= make();
  return made;
}

/** The same picture as a file of a little more than so many bytes: with comments before it. */
function padJpeg(jpeg: Buffer, bytes: number): Buffer {
  const comment = Buffer.alloc(65_537, 0x20);
  comment.writeUInt16BE(0xfffe, 0);
  comment.writeUInt16BE(65_535, 2);
  const comments = Array.from({ length: Math.ceil(bytes / comment.length) }, () => comment);
  return Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]);
}
