// Processed pages with a given detection, written straight into the stores.
import sharp from 'sharp';
import { ulid } from 'ulid';
import type { Page } from '../../src/pages/page.ts';
import { type Detection, type Polygon, textOf } from '../../src/text/detected-text.ts';
import { countDoubtfulWords } from '../../src/text/unsure-words.ts';
import { localPersonId } from './local-people.ts';
import type { Paperlift } from './paperlift.ts';

/** A printed line. A misread word is written `printed~read`, one that is only unsure `word~`, handwriting `word^`. */
export type DrawnLine = string;

const width = 900;
const lineHeight = 56;
/** A machine without this font uses another one, so the positions of words are measured, not calculated. */
const font = { font: 'DejaVu Sans Mono', dpi: 190, rgba: true };
const letterHeight = 30;

/** What is printed, and what was detected. */
export function readLine(
  line: DrawnLine,
): { printed: string; read: string; isSure: boolean; isHandwriting: boolean }[] {
  return line.split(' ').map((word) => {
    const isHandwriting = word.endsWith('^');
    const [printed = '', read] = word.replace(/\^$/, '').split('~');
    return { printed, read: read || printed, isSure: read === undefined, isHandwriting };
  });
}

/** The page's image as a JPEG, and its detection. */
export async function drawPage(lines: DrawnLine[]) {
  const height = 120 + lines.length * lineHeight;
  const detection: Detection = { lines: [] };
  const drawn = await Promise.all(
    lines.map((line) => drawLine(readLine(line).map(({ printed }) => printed))),
  );
  for (const [index, line] of lines.entries()) {
    const top = 60 + index * lineHeight;
    const places = drawn[index]?.places ?? [];
    const words = readLine(line).map(({ read, isSure, isHandwriting }, word) => {
      const [from = 0, to = 0] = places[word] ?? [];
      const polygon = boxOf(60 + from, top, to - from, letterHeight, height);
      const textType = isHandwriting ? ({ textType: 'handwriting' } as const) : {};
      return { text: read, confidence: isSure ? 97 : 41, polygon, ...textType };
    });
    const [first = [0], last = [0, 0]] = [places[0], places.at(-1)];
    detection.lines.push({
      id: `l${index + 1}`,
      text: words.map(({ text }) => text).join(' '),
      confidence: 90,
      polygon: boxOf(60 + first[0], top, (last[1] ?? 0) - first[0], letterHeight, height),
      words,
    });
  }
  const jpeg = await sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite(
      drawn.map(({ data, raw }, index) => ({
        input: data,
        raw,
        left: 60,
        top: 60 + index * lineHeight,
      })),
    )
    .jpeg({ quality: 85 })
    .toBuffer();
  return { jpeg, detection, width, height };
}

/** A line's image, and the first and last column of each word: the widest gaps are spaces. */
async function drawLine(words: string[]) {
  const text = words.join(' ').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const { data, info } = await sharp({ text: { text, ...font } })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const hasInk = (column: number) => {
    for (let row = 0; row < info.height; row += 1)
      if ((data[(row * info.width + column) * info.channels + 3] ?? 0) > 100) return true;
    return false;
  };
  const inked = Array.from({ length: info.width }, (_, column) => column).filter(hasInk);
  const spaces = inked
    .map((column, index) => ({ from: inked[index - 1] ?? column, to: column }))
    .toSorted((one, other) => other.to - other.from - (one.to - one.from))
    .slice(0, words.length - 1)
    .toSorted((one, other) => one.from - other.from);
  const starts = [inked[0] ?? 0, ...spaces.map(({ to }) => to)];
  const ends = [...spaces.map(({ from }) => from), inked.at(-1) ?? info.width];
  const places = starts.map((start, index): [number, number] => [start, (ends[index] ?? start) + 1]);
  const { width, height, channels } = info;
  return { data, raw: { width, height, channels }, places };
}

function boxOf(left: number, top: number, long: number, high: number, height: number): Polygon {
  const [x0, x1, y0, y1] = [left / width, (left + long) / width, top / height, (top + high) / height];
  return [
    { x: x0, y: y0 },
    { x: x1, y: y0 },
    { x: x1, y: y1 },
    { x: x0, y: y1 },
  ];
}

/** A project of this person with these pages, all of them ready. */
export async function addReadProject(
  { services, standIns }: Pick<Paperlift, 'services' | 'standIns'>,
  email: string,
  pages: DrawnLine[][],
  name = 'May expenses',
) {
  const { stores, blobs, now } = services;
  const ownerId = localPersonId({ standIns }, email);
  const at = now().toISOString();
  const projectId = ulid();
  await stores.projects.create({
    id: projectId,
    name,
    organisationId: 'default',
    ownerId,
    ownerName: email,
    createdAt: at,
  });
  const pageIds: string[] = [];
  for (const [index, lines] of pages.entries()) {
    const id = ulid();
    const folder = `projects/${projectId}/pages/${id}/`;
    const { jpeg, detection, ...size } = await drawPage(lines);
    const thumbnail = await sharp(jpeg).resize(300).jpeg().toBuffer();
    await blobs.put(`${folder}image.jpg`, jpeg, 'image/jpeg');
    await blobs.put(`${folder}thumbnail.jpg`, thumbnail, 'image/jpeg');
    await blobs.put(`${folder}detection.json`, JSON.stringify(detection), 'application/json');
    const text = textOf(detection);
    const page: Page = {
      id,
      projectId,
      position: (index + 1) * 1000,
      status: 'ready',
      revision: 1,
      fileName: `page-${index + 1}.jpg`,
      originalKey: `${folder}image.jpg`,
      contentType: 'image/jpeg',
      sizeBytes: jpeg.length,
      sha256: 'x',
      rotation: 0,
      ...size,
      imageKey: `${folder}image.jpg`,
      thumbnailKey: `${folder}thumbnail.jpg`,
      detectionKey: `${folder}detection.json`,
      text,
      wordCount: text.split(/\s+/).length,
      doubtfulCount: countDoubtfulWords(detection),
      createdAt: at,
      updatedAt: at,
    };
    await stores.pages.create({ ...page, preview: text.slice(0, 160) } as Page);
    pageIds.push(id);
  }
  return { projectId, pageIds, path: `/projects/${projectId}` };
}
