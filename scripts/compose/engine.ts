import type { PlannedService } from './plan.ts';

/** A service that has been started. */
export interface Running {
  /** Its output. */
  lines: string[];
  exited: Promise<number | null>;
  /** Runs a command in it, as `docker compose exec` does. Returns the output; throws when it fails. */
  execute(command: string[]): Promise<string>;
  /** Stops it as an engine does. Returns its exit code. */
  stop(): Promise<number | null>;
}

/** Runs services. `directory` holds the volumes, a folder for each. */
export interface Engine {
  /** What the services run from, for people. */
  description: string;
  start(service: PlannedService): Promise<Running>;
  close(): Promise<void>;
}
