// Bundles the entry points for production into dist/: split, so that each loads only what it uses.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.join(import.meta.dirname, '..');

await rm(path.join(root, 'dist'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: {
    server: 'src/server.ts',
    worker: 'src/worker.ts',
    'draw-pages.process': 'src/splitting/draw-pages.process.ts',
    lambda: 'src/lambda.ts',
    'lambda-worker': 'src/lambda-worker.ts',
    'lambda-pre-token': 'src/lambda-pre-token.ts',
    audit: 'src/audit/main.ts',
    setup: 'src/setup/main.ts',
  },
  outdir: 'dist',
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  // native code, and packages whose own files are read at run time
  external: ['sharp', '@hyzyla/pdfium', 'heic-decode', '@sparticuz/chromium', 'htmx.org', 'puppeteer-core'],
  // bundled CommonJS packages ask for Node's modules by require
  banner: {
    js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
  },
});
