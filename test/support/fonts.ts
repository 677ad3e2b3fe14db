import { existsSync } from 'node:fs';
import { unpackChromium } from '../../src/exports/pdf/packaged-chromium.ts';

/** Unpacks the packaged browser's fonts for drawing text in images, when the system has none. */
export async function ensureFonts(): Promise<void> {
  if (existsSync('/etc/fonts/fonts.conf')) return;
  const file = (await unpackChromium())?.env.FONTCONFIG_FILE;
  if (file) process.env.FONTCONFIG_FILE ??= file;
}
