// Programs of Go modules, by Go's own configuration.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../image/command.ts';
import { cached } from './cache.ts';

export interface GoProgram {
  module: string;
  version: string;
  /** The program's package within the module. */
  folder: string;
  /** A file of the module to keep beside the program. */
  alsoKeep?: string;
}

/** A folder with the program `program`, built from source. */
export function obtainGoProgram({ module, version, folder, alsoKeep }: GoProgram): Promise<string> {
  return cached(`${module.replaceAll('/', '_')}-${version}`, async (directory) => {
    const answer = await runCommand('go', ['mod', 'download', '-json', `${module}@${version}`]);
    const { Dir } = JSON.parse(answer) as { Dir: string };
    // from within the module: `go install` refuses a module that replaces others
    await runCommand('go', [
      'build',
      '-C',
      Dir,
      '-trimpath',
      '-ldflags=-s -w',
      `-o=${join(directory, 'program')}`,
      `./${folder}`,
    ]);
    if (alsoKeep) await copyFile(join(Dir, alsoKeep), join(directory, alsoKeep.split('/').at(-1) as string));
  });
}
