import type { Router } from 'express';
import { notFound } from '../errors.ts';
import { ulid } from '../ids.ts';

const things = {
  projectId: 'project',
  pageId: 'page',
  exportId: 'export',
  uploadId: 'upload',
  importId: 'import',
} as const;

/** An id that is not a ULID matches nothing and is not looked up. */
export function checkIds(router: Router) {
  for (const [parameter, thing] of Object.entries(things)) {
    router.param(parameter, (_request, _response, next, value) => {
      if (!ulid.safeParse(value).success) throw notFound(thing);
      next();
    });
  }
}
