// OpenSearch from the project's own jars, where no engine can pull its image.
import { resolve } from 'node:path';
import { obtainJars } from '../onprem/obtain/maven.ts';

export const openSearchVersion = '2.19.6';

/** A folder with the server, its HTTP transport, and its analyzers. */
export const obtainOpenSearch = (version: string) =>
  obtainJars(
    { group: 'org.opensearch', artifact: 'opensearch', version },
    { group: 'org.opensearch.plugin', artifact: 'transport-netty4-client', version },
    { group: 'org.opensearch.plugin', artifact: 'analysis-common', version },
    { group: 'org.apache.logging.log4j', artifact: 'log4j-core', version: '2.25.4' },
  );

/** Java's source of a node: its arguments are settings, `name=value`. */
export const nodeProgram = resolve(import.meta.dirname, 'SearchNode.java');
