// Writes docs/permissions.md: `npm run permissions`.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { synthesize, withOpenSearch } from '../synthesize.ts';
import { everyOption } from './optional-steps.ts';
import { presentPermissions } from './page.ts';
import { listAdded, listGranted } from './table.ts';

const { templates } = synthesize(everyOption);
const page = presentPermissions(
  listGranted(templates),
  listAdded(templates, synthesize({ ...everyOption, ...withOpenSearch }).templates),
);
writeFileSync(path.join(import.meta.dirname, '../../docs/permissions.md'), page);
