import { existsSync } from 'node:fs';
import { unpackChromium } from '../../src/exports/pdf/packaged-chromium.ts';

/** Lets images draw text where the system has no fonts: with those that the packaged browser brings, which it unpacks. */
export async function ensureFonts(): Promise<void> {
  if (existsSync('/etc/fonts/fonts.conf')) return;
  const file = (await unpackChromium())?.env.FONTCONFIG_FILE;
  if (file) process.env.FONTCONFIG_FILE ??= file;
}
