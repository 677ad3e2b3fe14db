// Checks the import matrix of src/ for `npm run check`, and reports file lengths and folder sizes, which never fail it.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findViolations } from './house/matrix.ts';

const src = path.join(import.meta.dirname, '../src');
const files = globSync('**/*.ts', { cwd: src }).filter((file) => !file.endsWith('.d.ts'));
const sources = Object.fromEntries(files.map((file) => [file, readFileSync(path.join(src, file), 'utf8')]));

const violations = findViolations(sources);
for (const violation of violations) console.error(violation);

const lengths = Object.entries(sources)
  .map(([file, source]) => ({ file, lines: source.split('\n').length - 1 }))
  .sort((one, other) => other.lines - one.lines);
const median = lengths[Math.floor(lengths.length / 2)]?.lines;
const long = lengths.filter(({ lines }) => lines > 300).map(({ file, lines }) => `${file} (${lines})`);
const sizes = Object.entries(Object.groupBy(files, (file) => path.dirname(file)))
  .map(([folder, held]) => `${folder} ${held?.length}`)
  .sort();
console.log(`src/: ${files.length} files, median ${median} lines; over 300: ${long.join(', ') || 'none'}`);
console.log(`files a folder: ${sizes.join(', ')}`);
process.exitCode = violations.length > 0 ? 1 : 0;
