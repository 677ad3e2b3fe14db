// What all test files of a run share because it takes long to create: everyone's accounts, the identity provider's key,
// and the unpacked browser. `npm test` runs this file as its global setup; a file run alone makes its own.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unpackChromium } from '../../src/exports/pdf/packaged-chromium.ts';
import { startStandIns } from '../../src/local/stand-ins.ts';
import { ensureFonts } from './fonts.ts';

const variable = 'PREPARED_PEOPLE_DIRECTORY';

export async function globalSetup() {
  const [dataDirectory] = await Promise.all([preparePeople(), unpackChromium()]);
  await ensureFonts();
  process.env[variable] = dataDirectory; // the processes of the test files inherit it
}

async function preparePeople(): Promise<string> {
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'paperlift-people-'));
  const publicUrl = 'http://localhost:3000';
  const standIns = await startStandIns({
    dataDirectory,
    inMemory: true,
    ports: 'any',
    textract: false,
    publicUrl,
  });
  await standIns.stop();
  return dataDirectory;
}

export async function globalTeardown() {
  await rm(process.env[variable] as string, { recursive: true, force: true });
}

/** Puts them where stand-ins will look, when a run has prepared them. */
export async function copyPreparedPeople(dataDirectory: string) {
  const prepared = process.env[variable];
  if (prepared) await cp(prepared, dataDirectory, { recursive: true });
}
