// Puts pages from PDFs in the place of empty pages of a finished export, by an incremental update (ISO 32000-2, 7.5.6):
// the export stays as it is, with its outline, title and tags, and what is new follows it.
import { type FileHandle, open } from 'node:fs/promises';
import { type CarriedPage, toNumber } from './carried-page.ts';
import { openPdfFile, type PdfFile } from './pdf-file.ts';
import {
  isReference,
  type PdfDictionary,
  type PdfReference,
  type PdfValue,
  writeValue,
} from './pdf-values.ts';

/** A white pixel, as an image of the empty pages. */
export const emptyJpeg = Buffer.from(
  '/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAB//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AQH//2Q==',
  'base64',
);

/** The form's name among a page's resources. */
const formName = 'Carried';

/** `pages` are the pages to carry over by their places in the export, from 0. Throws PdfSyntaxError. */
export async function carryOver(
  path: string,
  pages: Map<number, CarriedPage>,
): Promise<{ sizeBytes: number }> {
  const target = await openPdfFile(path);
  const output = await open(path, 'a');
  try {
    const update = createUpdate(output, target);
    const places = await target.listPages();
    const begin = await update.addStream(new Map(), Buffer.from('q\n'));
    const end = await update.addStream(new Map(), Buffer.from(`Q\nq /${formName} Do Q\n`));
    for (const [place, page] of pages) {
      const form = await addForm(update, page);
      await update.write(
        places[place] as PdfReference,
        await withForm(target, places[place], { page, form, begin, end }),
      );
    }
    return { sizeBytes: await update.finish() };
  } finally {
    await Promise.all([output.close(), target.close()]);
  }
}

type Update = ReturnType<typeof createUpdate>;

function createUpdate(output: FileHandle, target: PdfFile) {
  let at = target.size;
  let nextNumber = Number(target.trailer.get('Size'));
  const offsets = new Map<number, number>();
  /** New objects by file and number, so that what pages share is copied once. */
  const copies = new Map<PdfFile, Map<number, PdfReference>>();

  async function append(bytes: Buffer | string) {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    await output.write(buffer);
    at += buffer.length;
  }

  async function write({ number }: PdfReference, value: PdfValue, stream?: Buffer) {
    offsets.set(number, at);
    await append(`${number} 0 obj\n${writeValue(value)}\n`);
    if (stream) {
      await append('stream\n');
      await append(stream);
      await append('\nendstream\n');
    }
    await append('endobj\n');
  }

  function reserve(): PdfReference {
    const reserved = { number: nextNumber };
    nextNumber += 1;
    return reserved;
  }

  async function addStream(dictionary: PdfDictionary, data: Buffer): Promise<PdfReference> {
    const added = reserve();
    await write(added, new Map([...dictionary, ['Length', String(data.length)]]), data);
    return added;
  }

  return {
    write,
    reserve,
    addStream,
    copiesOf(file: PdfFile): Map<number, PdfReference> {
      const known = copies.get(file) ?? new Map<number, PdfReference>();
      copies.set(file, known);
      return known;
    },
    /** Writes the table of what is new. Returns the file's size. */
    async finish(): Promise<number> {
      const start = at;
      const entries = [...offsets].toSorted(([one], [other]) => one - other);
      await append('xref\n');
      for (const [number, offset] of entries)
        await append(`${number} 1\n${String(offset).padStart(10, '0')} 00000 n \n`);
      const trailer = new Map([
        ...target.trailer,
        ['Size', String(nextNumber)],
        ['Prev', String(target.start)],
      ] as [string, PdfValue][]);
      await append(`trailer\n${writeValue(trailer)}\nstartxref\n${start}\n%%EOF\n`);
      return at;
    },
  };
}

async function addForm(update: Update, { file, form, content, objects }: CarriedPage): Promise<PdfReference> {
  const copies = update.copiesOf(file);
  const isNew = [...objects.keys()].filter((number) => !copies.has(number));
  for (const number of isNew) copies.set(number, update.reserve());
  const renumber = (value: PdfValue): PdfValue => {
    if (isReference(value)) return copies.get(value.number) ?? 'null';
    if (Array.isArray(value)) return value.map(renumber);
    if (value instanceof Map) return new Map([...value].map(([key, entry]) => [key, renumber(entry)]));
    return value;
  };
  for (const number of isNew) {
    const object = objects.get(number);
    if (!object) continue;
    const stream = object.stream && (await file.bytes(object.stream));
    const value = renumber(object.value);
    if (stream && value instanceof Map) value.set('Length', String(stream.length));
    await update.write(copies.get(number) as PdfReference, value, stream);
  }
  const data = 'data' in content ? content.data : await file.bytes(content.stream);
  return update.addStream(renumber(form) as PdfDictionary, data);
}

/** The page of the export with the form drawn over what it holds, which is nothing to be seen. */
async function withForm(
  target: PdfFile,
  place: PdfReference | undefined,
  {
    page,
    form,
    begin,
    end,
  }: { page: CarriedPage; form: PdfReference; begin: PdfReference; end: PdfReference },
): Promise<PdfDictionary> {
  const entries = new Map(await target.dictionary(place));
  const resources = new Map(await target.dictionary(entries.get('Resources')));
  const forms = new Map(await target.dictionary(resources.get('XObject')));
  forms.set(formName, form);
  resources.set('XObject', forms);
  const contents = entries.get('Contents');
  const before = await target.resolve(contents);
  const own = Array.isArray(before) ? before : contents === undefined ? [] : [contents];
  entries.set('Resources', resources);
  entries.set('Contents', [begin, ...own, end]);
  entries.set('MediaBox', ['0', '0', toNumber(page.width), toNumber(page.height)]);
  entries.delete('CropBox');
  return entries;
}
