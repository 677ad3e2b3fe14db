import type { PlannedService } from './plan.ts';

/** A service that has been started. */
export interface Running {
  /** What it has said. */
  lines: string[];
  exited: Promise<number | null>;
  /** Runs a command beside it, as `docker compose exec` does. Returns what it printed; throws when it fails. */
  execute(command: string[]): Promise<string>;
  /** Ends it as an engine does. Returns its exit code. */
  stop(): Promise<number | null>;
}

/** What runs services. `directory` holds what its volumes keep, a folder for each. */
export interface Engine {
  /** For people: what the services run from. */
  description: string;
  start(service: PlannedService): Promise<Running>;
  close(): Promise<void>;
}
