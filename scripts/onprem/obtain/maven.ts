// Packages of Maven Central, by Maven's own configuration.
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../image/command.ts';
import { cached } from './cache.ts';

export interface Artifact {
  group: string;
  artifact: string;
  version: string;
}

/** A folder with the artifact's jar, those beside it, and those that they need. */
export function obtainJars(artifact: Artifact, ...beside: Artifact[]): Promise<string> {
  return cached(nameOf(artifact), (directory) => copyDependencies([artifact, ...beside], 'jar', directory));
}

/** A folder with the content of an artifact that is a ZIP file with one folder in it. */
export function obtainDistribution(artifact: Artifact): Promise<string> {
  return cached(nameOf(artifact), async (directory) => {
    const download = join(directory, 'download');
    await copyDependencies([artifact], 'zip', download);
    const [zip = ''] = await readdir(download);
    await runCommand('unzip', ['-q', join(download, zip), '-d', directory]);
    await rm(download, { recursive: true });
    const [folder = ''] = await readdir(directory);
    for (const name of await readdir(join(directory, folder))) {
      await rename(join(directory, folder, name), join(directory, name));
    }
  });
}

const nameOf = ({ artifact, version }: Artifact) => `${artifact}-${version}`;

async function copyDependencies(artifacts: Artifact[], type: string, directory: string) {
  await mkdir(directory, { recursive: true });
  const pom = join(directory, 'pom.xml');
  await writeFile(
    pom,
    `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>engine</artifactId><version>1</version>
  <dependencies>${artifacts
    .map(
      ({ group, artifact, version }) => `<dependency>
    <groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version><type>${type}</type>
    ${type === 'zip' ? '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>' : ''}
  </dependency>`,
    )
    .join('')}</dependencies>
</project>
`,
  );
  await runCommand('mvn', [
    '--quiet',
    '--batch-mode',
    `--file=${pom}`,
    'dependency:copy-dependencies',
    `-DoutputDirectory=${directory}`,
  ]);
  await rm(pom);
}
