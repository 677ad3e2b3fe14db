// Finds the trained data that is installed; nothing is ever downloaded.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The installed `<language>.traineddata.gz`, or nothing when `@tesseract.js-data/<language>` is not installed. */
export function findLanguageFile(language: string): string | undefined {
  try {
    const installed = dirname(require.resolve(`@tesseract.js-data/${language}/package.json`));
    return ['4.0.0_best_int', '4.0.0']
      .map((variant) => join(installed, variant, `${language}.traineddata.gz`))
      .find((file) => existsSync(file));
  } catch {
    return undefined;
  }
}

/** One directory with every language's file: Tesseract takes only one. Throws when a language is not installed. */
export async function gatherLanguages(
  languages: string[],
): Promise<{ path: string; remove(): Promise<void> }> {
  const files = languages.map((language) => {
    const file = findLanguageFile(language);
    if (!file)
      throw new Error(
        `The language ${language} is not installed: npm install @tesseract.js-data/${language}`,
      );
    return { language, file };
  });
  const [only] = files;
  if (only && files.length === 1) return { path: dirname(only.file), remove: async () => {} };
  const path = await mkdtemp(join(tmpdir(), 'paperlift-languages-'));
  for (const { language, file } of files) await symlink(file, join(path, `${language}.traineddata.gz`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
