// Debian's packages, which are installed on the machine when they are missing.
import { runCommand } from '../../image/command.ts';

/** Installs the packages that are missing. Returns the version of the first one. */
export async function installPackages(...names: string[]): Promise<string> {
  const missing = [];
  for (const name of names) if (!(await findVersion(name))) missing.push(name);
  if (missing.length > 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await runCommand('apt-get', ['update', '-qq'], { env });
    await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
  }
  return (await findVersion(names[0] as string)) as string;
}

async function findVersion(name: string): Promise<string | undefined> {
  try {
    const status = await runCommand('dpkg', ['--status', name]);
    return /^Status: install ok installed$/m.test(status) ? /^Version: (.+)$/m.exec(status)?.[1] : undefined;
  } catch {
    return undefined; // dpkg does not know it
  }
}
