// Pages that are already processed, with the detection that a test wants, written straight into the stores.
import sharp from 'sharp';
import { ulid } from 'ulid';
import type { Page } from '../../src/pages/page.ts';
import { personIdOf } from '../../src/people/person.ts';
import { countDoubtfulWords, type Detection, type Polygon, textOf } from '../../src/text/detected-text.ts';
import type { Paperlift } from './paperlift.ts';

/** A printed line. A misread word is written `printed~read`, one that is only unsure `word~`, handwriting `word^`. */
export type DrawnLine = string;

const width = 900;
const lineHeight = 56;
/** A letter of DejaVu Sans Mono at 190 dots an inch: all are equally wide, so that places can be counted out. */
const font = { font: 'DejaVu Sans Mono', dpi: 190, rgba: true };
const letterWidth = 19.07;
const letterHeight = 30;

/** What is printed, and what was read of it. */
export function readLine(
  line: DrawnLine,
): { printed: string; read: string; isSure: boolean; isHandwriting: boolean }[] {
  return line.split(' ').map((word) => {
    const isHandwriting = word.endsWith('^');
    const [printed = '', read] = word.replace(/\^$/, '').split('~');
    return { printed, read: read || printed, isSure: read === undefined, isHandwriting };
  });
}

/** The page's picture as a JPEG, and what was detected on it. */
export async function drawPage(lines: DrawnLine[]) {
  const height = 120 + lines.length * lineHeight;
  const detection: Detection = { lines: [] };
  for (const [index, line] of lines.entries()) {
    const top = 60 + index * lineHeight;
    let left = 60;
    const words = readLine(line).map(({ printed, read, isSure, isHandwriting }) => {
      const long = printed.length * letterWidth;
      const polygon = boxOf(left, top, long, letterHeight, height);
      left += long + letterWidth;
      const textType = isHandwriting ? ({ textType: 'handwriting' } as const) : {};
      return { text: read, confidence: isSure ? 97 : 41, polygon, ...textType };
    });
    detection.lines.push({
      id: `l${index + 1}`,
      text: words.map(({ text }) => text).join(' '),
      confidence: 90,
      polygon: boxOf(60, top, left - letterWidth - 60, letterHeight, height),
      words,
    });
  }
  const printed = lines.map((line) =>
    readLine(line)
      .map((word) => word.printed)
      .join(' '),
  );
  const jpeg = await sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite(
      printed.map((text, index) => ({
        input: { text: { text: text.replaceAll('&', '&amp;').replaceAll('<', '&lt;'), ...font } },
        left: 60,
        top: 60 + index * lineHeight,
      })),
    )
    .jpeg({ quality: 85 })
    .toBuffer();
  return { jpeg, detection, width, height };
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
  { services, standIns, config }: Pick<Paperlift, 'services' | 'standIns' | 'config'>,
  email: string,
  pages: DrawnLine[][],
  name = 'May expenses',
) {
  const { stores, blobs, now } = services;
  const owner = standIns.people.find((person) => person.email === email);
  const ownerId = personIdOf(config.saml.providers[0]?.idpIssuer ?? '', owner?.nameId as string);
  const at = now().toISOString();
  const projectId = ulid();
  await stores.projects.create({ id: projectId, name, ownerId, ownerName: email, createdAt: at });
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
