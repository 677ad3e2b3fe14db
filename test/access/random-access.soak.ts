// The same as random-access.test.ts, for longer: 10,000 steps.
import { after, before, test } from 'node:test';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { walk } from './random-access.ts';

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift();
});
after(() => paperlift.stop());

for (const seed of [11, 12, 13, 14, 15])
  test(`2,000 random steps from the seed ${seed}: people see what the table of permissions says`, async () => {
    await walk(paperlift, { seed, steps: 2000 });
  });
