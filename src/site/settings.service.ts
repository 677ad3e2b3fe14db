import type { Config } from '../config/config.ts';
import { PaperliftError } from '../errors.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';

interface Dependencies {
  config: Config;
  policies: Policies;
}

/** The configuration of this deployment, for administrators. */
export function createSettingsService({ config, policies }: Dependencies) {
  return {
    read(person: Person): Config {
      if (policies.maySeeSettings(person)) return config;
      throw new PaperliftError('forbidden', {
        code: 'not-an-administrator',
        message: 'Only administrators can view this page.',
        hint: 'Go back to your projects.',
      });
    },
  };
}

export type SettingsService = ReturnType<typeof createSettingsService>;
