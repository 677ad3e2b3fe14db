// Puts the libraries that browsers load beside our own scripts, so that the image needs none of their packages:
//   node copy-browser-libraries.ts <project with node_modules> <folder>
// With --packages instead of a folder it prints the folders of their packages.
import { copyFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { browserLibraries } from '../src/http/assets.ts';

const [project = '.', folder = '.'] = process.argv.slice(2);
const { resolve } = createRequire(path.join(path.resolve(project), 'package.json'));
for (const [name, file] of Object.entries(browserLibraries)) {
  if (folder === '--packages') process.stdout.write(`node_modules/${/^(@[^/]+\/)?[^/]+/.exec(file)?.[0]}\n`);
  else await copyFile(resolve(file), path.join(folder, name));
}
