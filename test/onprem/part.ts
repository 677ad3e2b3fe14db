import type { Shell } from '../../scripts/onprem/documented-commands.ts';
import type { Stack } from '../../scripts/onprem/stack.ts';
import type { RealEngines } from '../support/fault-engines.ts';
import type { Keycloak } from './keycloak.ts';

/** The running stack, as the parts of the check use it. */
export interface Surroundings {
  stack: Stack;
  /** Runs the documentation's commands. */
  shell: Shell;
  keycloak: Keycloak;
  /** Where people open Paperlift and the identity provider, and where their browsers exchange files. */
  addresses: { paperlift: string; identity: string; files: string };
  /** The engines of S3, SQS and DynamoDB, where Paperlift's own processes reach them. */
  engines: RealEngines;
  /** The hash of the proxy's key. */
  proxyKey: string;
  /** Sets these variables of web and worker, beside those set before, in a further Compose file. */
  configure(environment: Record<string, string>): Promise<void>;
  /** For files of the check's own. */
  directory: string;
  print(line: string): void;
}

/** What was tried with a service's engine, and what was found. */
export interface Finding {
  service: string;
  tried: string;
  found: string;
}

/** Throws when something is not as it should be. */
export interface Part {
  name: string;
  run(surroundings: Surroundings): Promise<Finding[]>;
}
