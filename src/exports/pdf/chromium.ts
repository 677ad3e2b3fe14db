// Selects the browser that renders PDFs.
import { access, constants } from 'node:fs/promises';
import { type ChromiumProgram, unpackChromium } from './packaged-chromium.ts';
import { PdfRenderError } from './pdf-render.error.ts';

/** Programs rather than the wrapper scripts of distributions, which add extensions and flags. */
const installedPrograms = [
  '/usr/lib/chromium/chromium',
  '/usr/lib64/chromium-browser/headless_shell',
  '/usr/lib64/chromium-browser/chromium-browser',
  '/usr/lib/chromium-headless-shell/chromium-headless-shell',
  '/usr/bin/chromium-headless-shell',
  '/opt/google/chrome/chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * The configured browser, else the npm package's (unpacked at first use), else an installed one. The packaged one is a
 * headless shell of a known version: a page costs a quarter of what it costs in a desktop's Chromium. Throws
 * PdfRenderError `no-browser`, which says what to install.
 */
export async function findChromium(options: { path?: string | undefined }): Promise<ChromiumProgram> {
  if (options.path) {
    if (await isProgram(options.path)) return { path: options.path, env: {} };
    throw new PdfRenderError('no-browser', `CHROMIUM_PATH is not a program: ${options.path}`);
  }
  const program = (await unpackChromium()) ?? (await findInstalledChromium());
  if (program) return program;
  throw new PdfRenderError(
    'no-browser',
    'No browser found to create PDFs: install Chromium or Google Chrome, or set CHROMIUM_PATH.',
  );
}

/** An installed browser; `undefined` when there is none. */
export async function findInstalledChromium(): Promise<ChromiumProgram | undefined> {
  for (const path of installedPrograms) {
    if (await isProgram(path)) return { path, env: {} };
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
