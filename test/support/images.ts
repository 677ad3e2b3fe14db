// Images of text, generated for tests.
import sharp from 'sharp';
import { ensureFonts } from './fonts.ts';

await ensureFonts();

interface TextImage {
  width?: number;
  height?: number;
  /** Degrees clockwise, about the middle. */
  angle?: number;
}

/** A page of text as a picture: black on white, one line below the other. */
export async function textImage(lines: string[], { width = 900, height = 600, angle = 0 }: TextImage = {}) {
  const page = sharp({ create: { width, height, channels: 3, background: '#fff' } }).composite(
    lines.map((line, index) => ({
      input: { text: { text: escapeMarkup(line), font: 'DejaVu Sans', dpi: 240, rgba: true } },
      left: 60,
      top: 60 + index * 70,
    })),
  );
  if (angle === 0) return page;
  const { data, info } = await page.raw().toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: info }).rotate(angle, { background: '#fff' });
}

/** The same as a JPEG file. */
export async function textJpeg(lines: string[], options: TextImage = {}): Promise<Buffer> {
  return (await textImage(lines, options)).jpeg({ quality: 90 }).toBuffer();
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
