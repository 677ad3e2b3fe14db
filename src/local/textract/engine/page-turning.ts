// Turns a page so that its lines are level.
import { openRaw, type Place, type Quad, type RgbImage } from './image.ts';

export interface TurnedPage {
  page: RgbImage;
  /** From a pixel of the turned page to one of the page as it was. */
  toOriginal(place: Place): Place;
}

const margin = 0.04;
const smallestSide = 32;
/** Less than this from a quarter turn, the page is turned by just that, which keeps its pixels as they are. */
const nearlyQuarter = 1;

/** Turns by minus the angle (radians), and cuts the page to where its print is. */
export async function turnPage(original: RgbImage, angle: number, print: Quad[]): Promise<TurnedPage> {
  const degrees = (angle * 180) / Math.PI;
  const quarters = Math.round(degrees / 90) * 90;
  const turned = Math.abs(degrees - quarters) < nearlyQuarter ? quarters : degrees;
  const { data, info } = await openRaw(original)
    .rotate(-turned, { background: '#fff' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const [cos, sin] = [Math.cos((turned * Math.PI) / 180), Math.sin((turned * Math.PI) / 180)];
  const corners = print.flat().map(({ x, y }) => {
    const [dx, dy] = [x - original.width / 2, y - original.height / 2];
    return { x: dx * cos + dy * sin + info.width / 2, y: dy * cos - dx * sin + info.height / 2 };
  });
  const across = cutOf(
    corners.map(({ x }) => x),
    info.width,
    margin * Math.max(info.width, info.height),
  );
  const down = cutOf(
    corners.map(({ y }) => y),
    info.height,
    margin * Math.max(info.width, info.height),
  );
  const page = await openRaw({ data, width: info.width, height: info.height })
    .extract({ left: across.from, width: across.length, top: down.from, height: down.length })
    .raw()
    .toBuffer();
  return {
    page: { data: page, width: across.length, height: down.length },
    toOriginal({ x, y }) {
      const dx = x + across.from - info.width / 2;
      const dy = y + down.from - info.height / 2;
      return { x: dx * cos - dy * sin + original.width / 2, y: dx * sin + dy * cos + original.height / 2 };
    },
  };
}

function cutOf(places: number[], size: number, around: number): { from: number; length: number } {
  const from = Math.max(0, Math.min(size - smallestSide, Math.floor(Math.min(...places) - around)));
  const to = Math.min(size, Math.max(from + smallestSide, Math.ceil(Math.max(...places) + around)));
  return { from, length: to - from };
}
