import sharp, { type Sharp } from 'sharp';

/** An image of what is drawn here: Paperlift itself opens no SVG, and blocks sharp's reader of it. */
export function drawSvg(svg: string): Sharp {
  sharp.unblock({ operation: ['VipsForeignLoadSvg'] });
  return sharp(Buffer.from(svg));
}
