import { accessChecks } from './access.checks.ts';
import type { Check } from './check.ts';
import { exportChecks } from './exports.checks.ts';
import { oddRequestChecks } from './odd-requests.checks.ts';
import { pageChecks } from './pages.checks.ts';
import { presignedUploadChecks } from './presigned-uploads.checks.ts';
import { projectChecks } from './projects.checks.ts';
import { publicChecks } from './public.checks.ts';
import { signInChecks } from './sign-in.checks.ts';

/** Everything that is the same wherever Paperlift runs. */
export const checks: Check[] = [
  ...publicChecks,
  ...signInChecks,
  ...projectChecks,
  ...pageChecks,
  ...presignedUploadChecks,
  ...exportChecks,
  ...accessChecks,
  ...oddRequestChecks,
];
