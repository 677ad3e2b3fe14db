// Styles, scripts and icons. Their addresses name their content, so that browsers may keep them for good.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import express, { type Router } from 'express';

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** Reads the folder once, and htmx from its package. */
export function createAssets(directory: string) {
  const files = new Map<string, { body: Buffer; contentType: string; version: string }>();
  const add = (name: string, file: string) => {
    const body = readFileSync(file);
    const version = createHash('sha256').update(body).digest('base64url').slice(0, 12);
    const contentType = contentTypes[path.extname(name)];
    if (contentType) files.set(name, { body, contentType, version });
  };
  for (const name of readdirSync(directory)) add(name, path.join(directory, name));
  add('htmx.js', createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js'));

  const router: Router = express.Router();
  router.get('/assets/:name', (request, response, next) => {
    const file = files.get(request.params.name);
    if (!file) return next();
    const isVersioned = request.query.v === file.version;
    response.setHeader('Content-Type', file.contentType);
    response.setHeader('Cache-Control', isVersioned ? 'public, max-age=31536000, immutable' : 'no-cache');
    response.setHeader('ETag', `"${file.version}"`);
    response.send(file.body);
  });

  return {
    router,
    /** The versioned address of a file. Throws for a file that is not there. */
    url(name: string): string {
      const file = files.get(name);
      if (!file) throw new Error(`There is no asset ${name}`);
      return `/assets/${name}?v=${file.version}`;
    },
  };
}

export type Assets = ReturnType<typeof createAssets>;
