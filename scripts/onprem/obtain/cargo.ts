// Programs of Rust crates, by Cargo's own configuration.
import { runCommand } from '../../image/command.ts';
import { cached } from './cache.ts';

export interface CargoProgram {
  crate: string;
  version: string;
  features: string[];
}

/** A folder with the crate's programs in `bin`, built from source with the dependencies that its authors locked. */
export function obtainCargoProgram({ crate, version, features }: CargoProgram): Promise<string> {
  return cached(`${crate}-${version}`, async (directory) => {
    await runCommand('cargo', [
      'install',
      '--locked',
      '--quiet',
      '--no-track',
      '--no-default-features',
      `--features=${features.join(',')}`,
      `--root=${directory}`,
      `${crate}@${version}`,
    ]);
  });
}
