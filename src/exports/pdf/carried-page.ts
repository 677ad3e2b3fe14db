// A page that is carried over from a PDF as it is: its content becomes a form, a drawing with resources of its own, on a
// page of the export (ISO 32000-2, 8.10). Nothing else of the page comes along: no links, scripts, form fields or
// attachments.
import { deflateSync, inflateSync } from 'node:zlib';
import type { Rotation } from '../../text/rotated-polygons.ts';
import type { PdfFile, PdfObject } from './pdf-file.ts';
import { isReference, type PdfDictionary, type PdfValue } from './pdf-values.ts';

/** The page shows what the export cannot: it becomes a picture. */
export class NotCarriableError extends Error {
  override name = 'NotCarriableError';
}

export interface CarriedPage {
  file: PdfFile;
  /** As the export shows it, in points. */
  width: number;
  height: number;
  /** The form's dictionary; its references are those of the file. */
  form: PdfDictionary;
  content: { stream: { start: number; length: number } } | { data: Buffer };
  /** All objects of the file that the form needs, without what does not belong on paper. */
  objects: Map<number, PdfObject>;
}

interface Box {
  left: number;
  bottom: number;
  right: number;
  top: number;
}

/** Notes of programs, tags of a document that stays behind, and files attached to a drawing. */
const dropped = new Set(['AF', 'Metadata', 'OPI', 'PieceInfo', 'StructParent', 'StructParents']);
/** What no drawing needs. Layers need a catalog of their own: without it hidden ones would be shown. */
const refused = new Set(
  ['OCG', 'OCMD', 'Page', 'Pages', 'Catalog', 'Action', 'Annot', 'EmbeddedFile', 'Filespec'].map(
    (type) => `/${type}`,
  ),
);
const maxObjects = 20_000;
const maxContentBytes = 64 * 1024 * 1024;

/** Throws NotCarriableError and PdfSyntaxError. */
export async function readCarriedPage(
  file: PdfFile,
  page: PdfValue,
  rotation: Rotation,
): Promise<CarriedPage> {
  const entries = await file.dictionary(page);
  const box = await readBox(file, entries);
  const unit = Number((await file.resolve(entries.get('UserUnit'))) ?? 1);
  const rotate = Number((await file.resolve(entries.get('Rotate'))) ?? 0);
  const { matrix, width, height } = place(box, unit, (((rotate + rotation) % 360) + 360) % 360);
  if (!(width >= 1 && height >= 1 && width <= 14_400 && height <= 14_400))
    throw new NotCarriableError(`a page of ${width} × ${height} points`);
  const { content, filters } = await readContent(file, entries.get('Contents'));
  const form: PdfDictionary = new Map<string, PdfValue>([
    ['Type', '/XObject'],
    ['Subtype', '/Form'],
    ['BBox', [box.left, box.bottom, box.right, box.top].map(toNumber)],
    ['Matrix', matrix.map(toNumber)],
    ['Resources', entries.get('Resources') ?? new Map()],
    ...filters,
  ]);
  const group = entries.get('Group');
  if (group) form.set('Group', group);
  const objects = new Map<number, PdfObject>();
  const cleaned = clean(form);
  await collect(file, cleaned, objects);
  return { file, width, height, form: cleaned, content, objects };
}

async function readBox(file: PdfFile, entries: PdfDictionary): Promise<Box> {
  const read = async (key: string): Promise<Box | undefined> => {
    const found = await file.resolve(entries.get(key));
    if (!Array.isArray(found)) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = await Promise.all(
      found.map(async (one) => Number(await file.resolve(one))),
    );
    return { left: Math.min(a, c), bottom: Math.min(b, d), right: Math.max(a, c), top: Math.max(b, d) };
  };
  const media = (await read('MediaBox')) ?? { left: 0, bottom: 0, right: 612, top: 792 };
  const crop = await read('CropBox');
  if (!crop) return media;
  const both = {
    left: Math.max(media.left, crop.left),
    bottom: Math.max(media.bottom, crop.bottom),
    right: Math.min(media.right, crop.right),
    top: Math.min(media.top, crop.top),
  };
  return both.right > both.left && both.top > both.bottom ? both : media;
}

/** Where the page's coordinates lie on a page from (0, 0) that is not turned. */
function place({ left, bottom, right, top }: Box, unit: number, rotation: number) {
  const matrices: Record<number, number[]> = {
    0: [1, 0, 0, 1, -left, -bottom],
    90: [0, -1, 1, 0, -bottom, right],
    180: [-1, 0, 0, -1, right, top],
    270: [0, 1, -1, 0, top, -left],
  };
  const matrix = matrices[rotation];
  if (!matrix) throw new NotCarriableError(`a rotation of ${rotation} degrees`);
  const [wide, high] = [(right - left) * unit, (top - bottom) * unit];
  const isTurned = rotation % 180 !== 0;
  return {
    matrix: matrix.map((number) => number * unit),
    width: isTurned ? high : wide,
    height: isTurned ? wide : high,
  };
}

export const toNumber = (number: number) => String(Number(number.toFixed(5)));

/** One stream stays as it is. Several, which are one program, are joined. */
async function readContent(file: PdfFile, contents: PdfValue | undefined) {
  const found = await file.resolve(contents);
  const parts = Array.isArray(found) ? found : contents === undefined ? [] : [contents];
  const streams: PdfObject[] = [];
  for (const part of parts) if (isReference(part)) streams.push(await file.read(part.number));
  const [only] = streams;
  if (streams.length === 1 && only?.stream && only.value instanceof Map) {
    const filters = ['Filter', 'DecodeParms'].flatMap((key): [string, PdfValue][] => {
      const value = (only.value as PdfDictionary).get(key);
      return value === undefined ? [] : [[key, value]];
    });
    return { content: { stream: only.stream }, filters };
  }
  let length = 0;
  const decoded: Buffer[] = [];
  for (const stream of streams) {
    const part = await decode(file, stream);
    length += part.length;
    if (length > maxContentBytes) throw new NotCarriableError('more content than can be joined');
    decoded.push(part, Buffer.from('\n'));
  }
  const filters: [string, PdfValue][] = [['Filter', '/FlateDecode']];
  return { content: { data: deflateSync(Buffer.concat(decoded)) }, filters };
}

async function decode(file: PdfFile, { value, stream }: PdfObject): Promise<Buffer> {
  if (!stream || !(value instanceof Map)) throw new NotCarriableError('content that is no stream');
  const given = await file.resolve(value.get('Filter'));
  const filters = given === undefined ? [] : [given].flat();
  const hasParameters = value.has('DecodeParms');
  if (filters.length === 0) return file.bytes(stream);
  if (filters.length > 1 || filters[0] !== '/FlateDecode' || hasParameters)
    throw new NotCarriableError(`content in the encoding ${filters.map(String).join(' ')}`);
  try {
    return inflateSync(await file.bytes(stream), { maxOutputLength: maxContentBytes });
  } catch (error) {
    throw new NotCarriableError((error as Error).message);
  }
}

/** Pages share most objects, such as fonts: these are parsed once. */
const parsed = new WeakMap<PdfFile, Map<number, PdfObject>>();

/** The objects that a value refers to, and those that these refer to. */
async function collect(file: PdfFile, value: PdfValue, objects: Map<number, PdfObject>) {
  const known = parsed.get(file) ?? new Map<number, PdfObject>();
  parsed.set(file, known);
  const queue = referencesIn(value);
  for (let number = queue.pop(); number !== undefined; number = queue.pop()) {
    if (objects.has(number)) continue;
    if (objects.size >= maxObjects) throw new NotCarriableError('too many objects');
    const object = known.get(number) ?? (await readObject(file, number));
    known.set(number, object);
    objects.set(number, object);
    queue.push(...referencesIn(object.value));
  }
}

async function readObject(file: PdfFile, number: number): Promise<PdfObject> {
  const found = await file.read(number);
  if (found.stream && found.value instanceof Map && found.value.has('F'))
    throw new NotCarriableError('a stream in another file');
  return { ...found, value: clean(found.value) };
}

function referencesIn(value: PdfValue): number[] {
  if (typeof value === 'string') return [];
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (value instanceof Map) return [...value.values()].flatMap(referencesIn);
  return [value.number];
}

function clean<T extends PdfValue>(value: T): T {
  if (Array.isArray(value)) return value.map(clean) as T;
  if (!(value instanceof Map)) return value;
  const type = value.get('Type');
  if ((typeof type === 'string' && refused.has(type)) || value.has('JS') || isElsewhere(value))
    throw new NotCarriableError(`content that needs ${typeof type === 'string' ? type : 'another object'}`);
  // a dictionary of names, as resources are, has neither
  const isThing = value.has('Type') || value.has('Subtype');
  const cleaned: PdfDictionary = new Map();
  for (const [key, entry] of value as PdfDictionary)
    if (!isThing || !dropped.has(key)) cleaned.set(key, clean(entry));
  return cleaned as T;
}

/** A form that stands for a page of another file. */
const isElsewhere = (value: PdfDictionary) => value.get('Subtype') === '/Form' && value.has('Ref');
