import sharp, { type Sharp } from 'sharp';

/** Draws an SVG. Paperlift itself opens none, and blocks sharp's SVG reader. */
export function drawSvg(svg: string): Sharp {
  sharp.unblock({ operation: ['VipsForeignLoadSvg'] });
  return sharp(Buffer.from(svg));
}
