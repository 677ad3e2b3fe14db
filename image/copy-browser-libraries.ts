// Puts the libraries that browsers load beside our own scripts, so that the image needs none of their packages:
//   node copy-browser-libraries.ts <project with node_modules> <folder>
import { copyFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { browserLibraries } from '../src/http/assets.ts';

const [project = '.', folder = '.'] = process.argv.slice(2);
const { resolve } = createRequire(path.join(path.resolve(project), 'package.json'));
for (const [name, file] of Object.entries(browserLibraries)) {
  await copyFile(resolve(file), path.join(folder, name));
}
