// The browser that needs no installing: @sparticuz/chromium, for amd64 Linux. The package unpacks itself into the shared
// temporary directory and trusts whatever lies there already, so it is unpacked by a process of its own, whose temporary
// directory is ours alone.
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
  /** What this browser needs in its environment to find its own libraries and fonts. */
  env: Record<string, string>;
}

const run = promisify(execFile);

/** Leaves out the package's graphics drivers, which a browser that only prints does not use. */
const unpackScript = `
const [entry] = process.argv.slice(1);
const { inflate } = await import(entry);
const files = ['chromium.br', 'fonts.tar.br', 'al2023.tar.br'];
await Promise.all(files.map((file) => inflate(new URL('../bin/' + file, entry).pathname)));
`;

/** Names the system's fonts as well as the package's one family. */
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
 * The packaged browser, unpacked once a version into a directory that only this user can read or write (by default in the
 * temporary directory). Undefined where the package is not installed or does not run.
 * Throws PdfRenderError `no-browser` when somebody else made that directory first.
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

/** In a directory that others may write to, what has the expected name may be somebody else's. */
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

/** Unpacks beside the place where it belongs and moves it there in one step, so that no half browser is ever found. */
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
    // Another process of ours may have finished first.
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
