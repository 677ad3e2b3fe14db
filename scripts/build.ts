// Bundles the entry points for production into dist/ (or --outdir), split so that each loads only what it uses.
// --metafile names a file for what is in the bundles.
import { rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';

const root = path.join(import.meta.dirname, '..');
const { outdir, metafile } = parseArgs({
  options: { outdir: { type: 'string', default: 'dist' }, metafile: { type: 'string' } },
}).values;

/**
 * Loads Node's own modules by `require`: an `import` reads all exports, and `node:http` then loads all of `fetch` (30
 * ms of a cold start, measured).
 */
const requireBuiltins: Plugin = {
  name: 'require-builtins',
  setup(build) {
    build.onResolve({ filter: /^[a-z]/ }, ({ path: name, kind }) =>
      kind === 'import-statement' && isBuiltin(name) ? { path: name, namespace: 'builtin' } : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'builtin' }, ({ path: name }) => ({
      contents: `module.exports = require(${JSON.stringify(name)})`,
    }));
  },
};

await rm(path.resolve(root, outdir), { recursive: true, force: true });
const built = await build({
  absWorkingDir: root,
  entryPoints: {
    server: 'src/server.ts',
    worker: 'src/worker.ts',
    'draw-pages.process': 'src/drawing/draw-pages.process.ts',
    lambda: 'src/lambda.ts',
    'lambda-worker': 'src/lambda-worker.ts',
    'lambda-pre-token': 'src/lambda-pre-token.ts',
    audit: 'src/audit/main.ts',
    'index-text': 'src/index-text.ts',
    setup: 'src/setup/main.ts',
  },
  outdir,
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  metafile: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  mainFields: ['module', 'main'], // ES modules, of which only what is used comes along
  target: 'node24',
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [requireBuiltins],
  // native code, and packages whose own files are read at run time
  external: ['sharp', '@hyzyla/pdfium', 'libheif-js', '@sparticuz/chromium', 'puppeteer-core'],
  // bundled CommonJS packages load Node's modules by require
  banner: {
    js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
  },
});
if (metafile) await writeFile(metafile, JSON.stringify(built.metafile));
