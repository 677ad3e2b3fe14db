// Prepares the given image, and writes by how many bytes its resident memory grew at most. A process for each image: memory
// that an earlier one left to the allocator would hide a part.
import { readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { preparePageImage } from '../../src/detection/page-image.ts';

const read = (field: string) =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) *
  1024;

await sharp({ create: { width: 100, height: 100, channels: 3, background: '#fff' } })
  .jpeg()
  .toBuffer();
const file = readFileSync(process.argv[2] as string);
writeFileSync('/proc/self/clear_refs', '5'); // from now on VmHWM is the peak of what is to come
const before = read('VmRSS');
await preparePageImage(file, 0);
process.stdout.write(String(read('VmHWM') - before));
