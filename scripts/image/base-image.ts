// A base like node:24-bookworm-slim, made from Debian's packages and the Node that the lockfile names: no registry of images
// is needed. See the Dockerfile's BASE_IMAGE.
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Buildah } from './buildah.ts';
import { runCommand } from './command.ts';

/** What Debian's own slim images leave out: https://github.com/debuerreotype/debuerreotype (slimify-excludes). */
const slim = [
  '--dpkgopt=path-exclude=/usr/share/doc/*',
  '--dpkgopt=path-include=/usr/share/doc/*/copyright',
  ...['groff', 'info', 'linda', 'lintian', 'locale', 'man'].map(
    (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
  ),
];

const dockerfile = `FROM scratch
ADD base.tar /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["node"]
`;

/**
 * The name of a base image in buildah's storage, created if missing: this month's Debian, with this machine's Node and
 * npm. Fixed Debian packages arrive with the next month, or with an empty cache.
 */
export async function ensureBaseImage(options: {
  buildah: Buildah;
  directory: string;
  log: string;
  now: Date;
}): Promise<string> {
  const { buildah, directory, log, now } = options;
  const node = dirname(dirname(await realpath(process.execPath)));
  const npm = dirname(dirname(await realpath(process.env.npm_execpath ?? '/usr/bin/npm')));
  const settings = await buildSettings();
  const { version } = JSON.parse(await readFile(join(npm, 'package.json'), 'utf8'));
  const made = [now.toISOString().slice(0, 7), process.version, version, dockerfile, ...slim, settings];
  const image = `localhost/paperlift-base:${createHash('sha256').update(made.join('\n')).digest('hex').slice(0, 12)}`;
  if (await buildah.has(image)) return image;

  await mkdir(directory, { recursive: true });
  const context = await mkdtemp(join(directory, 'base-'));
  try {
    const root = join(context, 'root');
    const debian = ['--variant=minbase', '--mode=root', ...slim, 'bookworm', root];
    await runCommand('mmdebstrap', debian, { log });
    const local = join(root, 'usr/local');
    await mkdir(join(local, 'lib/node_modules'), { recursive: true });
    await mkdir(join(local, 'etc'), { recursive: true });
    await cp(join(node, 'bin/node'), join(local, 'bin/node'));
    await cp(join(node, 'include/node'), join(local, 'include/node'), { recursive: true });
    await cp(npm, join(local, 'lib/node_modules/npm'), { recursive: true });
    for (const program of ['npm', 'npx']) {
      await symlink(`../lib/node_modules/npm/bin/${program}-cli.js`, join(local, 'bin', program));
    }
    await writeFile(join(local, 'etc/npmrc'), settings);
    if (process.env.NODE_EXTRA_CA_CERTS) {
      await cp(process.env.NODE_EXTRA_CA_CERTS, join(local, 'etc/certificates.pem'));
    }
    await runCommand('tar', ['-C', root, '-cf', join(context, 'base.tar'), '.'], { log });
    await rm(root, { recursive: true });
    await writeFile(join(context, 'Dockerfile'), dockerfile);
    await buildah.build({ image, context, layers: false });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  return image;
}

/** npm in the image uses this machine's registry and trusts its certificate authorities. */
async function buildSettings(): Promise<string> {
  const registry = process.env.npm_config_registry;
  return [
    ...(process.env.NODE_EXTRA_CA_CERTS ? ['cafile=/usr/local/etc/certificates.pem'] : []),
    ...(registry ? [`registry=${registry}`] : []),
    '',
  ].join('\n');
}
