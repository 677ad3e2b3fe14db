// Writes docs/permissions.md: `npm run permissions`.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { synthesize } from '../synthesize.ts';
import { everyOption } from './optional-steps.ts';
import { presentPermissions } from './page.ts';
import { listGranted } from './table.ts';

const page = presentPermissions(listGranted(synthesize(everyOption).templates));
writeFileSync(path.join(import.meta.dirname, '../../docs/permissions.md'), page);
