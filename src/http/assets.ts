// Styles, scripts and icons. Their URLs contain a hash of their content, so that browsers can cache them for good.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import express, { type Router } from 'express';

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** Libraries for browsers, by their names in URLs. A file of that name in the folder takes precedence. */
export const browserLibraries: Record<string, string> = {
  'htmx.js': 'htmx.org/dist/htmx.min.js',
  'sortable.js': 'sortablejs/Sortable.min.js',
};

/**
 * Supported encodings, smallest first. Only for these files: compressing a page that holds both secrets and request
 * data can leak the secrets (breachattack.com).
 */
const encodings = {
  br: (body: Buffer) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (body: Buffer) => promisify(gzip)(body, { level: 9 }),
};
type Encoding = keyof typeof encodings;

/** A style sheet with its imports (`@import "./styles/name.css";`) inlined, so that browsers request one file. */
function readStyles(file: string): Buffer {
  const index = readFileSync(file, 'utf8');
  const joined = index.replace(/^@import "(\.\/[\w/-]+\.css)";$/gm, (_, name: string) =>
    readFileSync(path.join(path.dirname(file), name), 'utf8').trimEnd(),
  );
  return Buffer.from(joined);
}

/** Reads the folder once, and the libraries from their packages. */
export function createAssets(directory: string) {
  const files = new Map<string, { body: Buffer; contentType: string; version: string }>();
  const add = (name: string, file: string) => {
    const contentType = contentTypes[path.extname(name)];
    if (!contentType) return;
    const body = file.endsWith('.css') ? readStyles(file) : readFileSync(file);
    const version = createHash('sha256').update(body).digest('base64url').slice(0, 12);
    files.set(name, { body, contentType, version });
  };
  for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const name = file.split(path.sep).join('/');
    if (!name.startsWith('styles/')) add(name, path.join(directory, file));
  }
  const { resolve } = createRequire(import.meta.url);
  for (const [name, file] of Object.entries(browserLibraries)) if (!files.has(name)) add(name, resolve(file));

  const compressed = new Map<string, Promise<Buffer>>();

  /** Compressed once, at the first request. */
  function compress(name: string, body: Buffer, encoding: Encoding): Promise<Buffer> {
    const key = `${encoding} ${name}`;
    const kept = compressed.get(key) ?? encodings[encoding](body);
    compressed.set(key, kept);
    return kept;
  }

  const router: Router = express.Router();
  router.get('/assets/*name', async (request, response, next) => {
    const name = request.params.name.join('/');
    const file = files.get(name);
    if (!file) return next();
    const isText = !file.contentType.startsWith('image/png');
    const encoding = isText && request.acceptsEncodings(['br', 'gzip', 'identity']);
    const isVersioned = request.query.v === file.version;
    response.setHeader('Content-Type', file.contentType);
    response.setHeader('Cache-Control', isVersioned ? 'public, max-age=31536000, immutable' : 'no-cache');
    response.setHeader('Vary', 'Accept-Encoding');
    if (encoding !== 'br' && encoding !== 'gzip') {
      response.setHeader('ETag', `"${file.version}"`);
      response.send(file.body);
      return;
    }
    response.setHeader('Content-Encoding', encoding);
    response.setHeader('ETag', `"${file.version}-${encoding}"`);
    response.send(await compress(name, file.body, encoding));
  });

  const urlOf = (name: string, version: string) => `/assets/${name}?v=${version}`;
  const own = [...files].filter(([name]) => name.endsWith('.js') && !(name in browserLibraries));
  const imported = new Set(
    own.flatMap(([name, { body }]) =>
      [...body.toString().matchAll(/'(\.{1,2}\/[\w/.-]+\.js)'/g)].map(([, address = '']) =>
        path.posix.join(path.posix.dirname(name), address),
      ),
    ),
  );

  return {
    router,
    /** An import map (HTML, 8.1.5.1) as JSON, so that imported scripts have versioned URLs too. */
    importMap: JSON.stringify({
      imports: Object.fromEntries(
        own
          .filter(([name]) => imported.has(name))
          .map(([name, { version }]) => [`/assets/${name}`, urlOf(name, version)]),
      ),
    }),
    /** The versioned URL of a file. Throws for a missing file. */
    url(name: string): string {
      const file = files.get(name);
      if (!file) throw new Error(`Asset not found: ${name}`);
      return urlOf(name, file.version);
    },
  };
}

export type Assets = ReturnType<typeof createAssets>;
