import { after, before, test } from 'node:test';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { walk } from './random-access.ts';

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift();
});
after(() => paperlift.stop());

test('whatever is shared, taken back, handed over and deleted, people see what the table of permissions says', async () => {
  await walk(paperlift, { seed: 1, steps: 100 });
});
