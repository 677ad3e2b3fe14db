import { createSite, findSite, type Person } from '../parity/site.ts';
import { answerOfKeycloak } from './keycloak.ts';
import type { Surroundings } from './part.ts';

/** Signs in anew, as the end-to-end checks do. */
export async function signInAs(email: string, { addresses }: Surroundings): Promise<Person> {
  const site = createSite(await findSite({ base: addresses.paperlift, answerOfProvider: answerOfKeycloak }));
  return site.signIn(email, { isFresh: true });
}
