// What a reading process holds: the models that find lines, and line readers for the languages of the last pages.
import { findLanguageFile, gatherLanguages } from '../language-data.ts';
import type { TextLine } from '../text-line.ts';
import { createDirectionFinder } from './direction.ts';
import type { RgbImage } from './image.ts';
import { knowsLetters, letterFilter, tesseractNameOf } from './languages.ts';
import type { LineReader } from './line-reader.ts';
import { findModels, readAlphabet } from './models.ts';
import { createPaddleLineReader } from './paddle-line-reader.ts';
import { createPageReader } from './page-reader.ts';
import { createRegionDetector } from './region-detector.ts';
import { loadRuntime, type RuntimeChoice } from './runtime.ts';
import { createScriptFinder } from './script-finder.ts';
import { createTesseractLineReader } from './tesseract-line-reader.ts';

export interface ReaderSettings {
  /** BCP 47 tags, for documents that name none. */
  languages: string[];
  modelsDirectory?: string;
  runtime?: RuntimeChoice;
}

export async function createReaderSet(settings: ReaderSettings) {
  const models = findModels(settings.modelsDirectory);
  const runtime = await loadRuntime(settings.runtime);
  const alphabet = new Set(readAlphabet(models));
  const detector = await createRegionDetector({ runtime, model: models.detection });
  const direction = await createDirectionFinder({ runtime, model: models.direction });
  const pages = createPageReader({ detector, direction });
  let main = { languages: settings.languages, reader: await createReader(settings.languages) };
  const scripts = createScriptFinder({ languages: settings.languages, isInstalled, createReader });

  function isInstalled(tag: string): boolean {
    return knowsLetters([tag], alphabet) || findLanguageFile(tesseractNameOf(tag)) !== undefined;
  }

  async function createReader(languages: string[]): Promise<LineReader> {
    if (knowsLetters(languages, alphabet)) {
      return createPaddleLineReader({ runtime, models, wants: letterFilter(languages) });
    }
    const names = languages.map(tesseractNameOf);
    const data = await gatherLanguages(names);
    try {
      return await createTesseractLineReader({ languages: names, dataPath: data.path });
    } finally {
      await data.remove();
    }
  }

  /** Another set of languages than the last page's takes a moment: only one is kept, for its memory. */
  async function readerOf(languages: string[]): Promise<LineReader> {
    if (languages.join() !== main.languages.join()) {
      const reader = await createReader(languages);
      await main.reader.close();
      main = { languages, reader };
    }
    return main.reader;
  }

  return {
    decode: pages.decode,

    /** A page that names no language may be in any script: those of the settings are tried first. */
    async read(page: RgbImage, languages?: string[]): Promise<TextLine[]> {
      if (languages) return pages.read(page, await readerOf(languages));
      return pages.read(page, await readerOf(settings.languages), scripts.find);
    },
  };
}

/** What of the settings' models and languages is not on this machine, in words for the operator. */
export function findMissing({ languages, modelsDirectory }: ReaderSettings): string[] {
  let alphabet: Set<string>;
  try {
    alphabet = new Set(readAlphabet(findModels(modelsDirectory)));
  } catch (error) {
    return [`TEXTRACT_MODELS_DIR: ${(error as Error).message}`];
  }
  return languages
    .filter((tag) => !knowsLetters([tag], alphabet) && !findLanguageFile(tesseractNameOf(tag)))
    .map(
      (tag) => `TEXTRACT_LANGUAGES: "${tag}" needs the package @tesseract.js-data/${tesseractNameOf(tag)}`,
    );
}
