// Runs before every npm command, on whatever Node the machine has (hence the old syntax): installs the locked
// dependencies when they are missing or the lockfile has changed, so that every command works on a fresh clone.
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
  fs.writeFileSync(stampFile, lockHash);
}
