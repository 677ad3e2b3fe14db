// Prepares each of the given images, and writes the growth of its resident memory at the peak, in bytes, as a JSON array.
import { readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { preparePageImage } from '../../src/detection/page-image.ts';

const read = (field: string) =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) *
  1024;

await sharp({ create: { width: 100, height: 100, channels: 3, background: '#fff' } })
  .jpeg()
  .toBuffer();
const peaks: number[] = [];
for (const path of process.argv.slice(2)) {
  const file = readFileSync(path);
  writeFileSync('/proc/self/clear_refs', '5'); // from now on VmHWM is the peak of what is to come
  const before = read('VmRSS');
  await preparePageImage(file, 0);
  peaks.push(read('VmHWM') - before);
}
process.stdout.write(JSON.stringify(peaks));
