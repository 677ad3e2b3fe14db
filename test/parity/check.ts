import type { Site } from './site.ts';

/** Something that is so wherever Paperlift runs. Throws when it is not; what it was answered is recorded by `site`. */
export interface Check {
  name: string;
  /** No other check may run meanwhile. */
  alone?: boolean;
  /** Left out where there is no user pool that issues tokens. */
  needsTokens?: boolean;
  run(site: Site): Promise<void>;
}
