// Runs before every npm command, on whatever Node the machine has (hence the old syntax): installs the locked
// dependencies when they are missing or the lockfile has changed, so that every command works on a fresh clone.
// It removes files of packages for other platforms, which are never read here: more than half a gigabyte.
// It prints to standard error only, because `npm run -s token` may print nothing but the token.
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..', process.argv[2] || ''); // a package of its own below, when one is named
const stampFile = path.join(root, 'node_modules', '.paperlift-lock');
const lockHash = createHash('sha256')
  .update(fs.readFileSync(path.join(root, 'package-lock.json')))
  .digest('hex');

function installedHash() {
  try {
    return fs.readFileSync(stampFile, 'utf8');
  } catch {
    return undefined;
  }
}

/** The names in a folder; none where there is no such folder. */
function list(folder) {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

function removeUnused(modules) {
  const remove = (...parts) => fs.rmSync(path.join(modules, ...parts), { recursive: true, force: true });
  // ONNX Runtime brings its library for every platform; only this platform's is loaded.
  const native = 'onnxruntime-node/bin';
  for (const version of list(path.join(modules, native))) {
    for (const platform of list(path.join(modules, native, version))) {
      for (const arch of list(path.join(modules, native, version, platform))) {
        if (platform !== process.platform || arch !== process.arch) remove(native, version, platform, arch);
      }
    }
  }
  // Its WebAssembly build, which stands in for a missing library, for browsers of every kind; Node loads these files.
  const web = 'onnxruntime-web/dist';
  const loaded = [
    'ort.node.min.js',
    'ort.node.min.mjs',
    'ort-wasm-simd-threaded.mjs',
    'ort-wasm-simd-threaded.wasm',
  ];
  for (const file of list(path.join(modules, web))) if (loaded.indexOf(file) < 0) remove(web, file);
  // Tesseract's languages come in two precisions; only the integer one is read.
  for (const language of list(path.join(modules, '@tesseract.js-data'))) {
    const data = path.join('@tesseract.js-data', language);
    if (list(path.join(modules, data, '4.0.0_best_int')).length > 0) remove(data, '4.0.0');
  }
}

if (installedHash() !== lockHash) {
  process.stderr.write('Installing the locked dependencies …\n');
  const install = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    // onnxruntime-node's install script would only fetch files for graphics cards.
    env: Object.assign({}, process.env, { ONNXRUNTIME_NODE_INSTALL: 'skip' }),
    shell: process.platform === 'win32',
  });
  if (install.status !== 0) process.exit(install.status || 1);
  removeUnused(path.join(root, 'node_modules'));
  fs.writeFileSync(stampFile, lockHash);
}
