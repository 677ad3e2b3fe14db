// Adds up what the projects of each organisation hold, from their summaries: nothing is counted up and down, so that the sum
// is right again after whatever went wrong.
import type { Organisation } from '../people/organisation.ts';
import type { ProjectStore } from '../projects/project.store.ts';
import type { OrganisationUsage } from './organisation-usage.store.ts';

interface Dependencies {
  organisations: Pick<Organisation, 'id'>[];
  projects: Pick<ProjectStore, 'list'>;
  usage: Pick<OrganisationUsage, 'claimAddingUp' | 'saveHoldings'>;
}

const listedAtOnce = 500;

export function createHoldingsService({ organisations, projects, usage }: Dependencies) {
  async function addUp(organisationId: string) {
    const sum = { projects: 0, pages: 0, bytes: 0 };
    let cursor: string | undefined;
    do {
      const list = await projects.list({
        whose: { organisationId },
        order: 'changed',
        limit: listedAtOnce,
        ...(cursor ? { cursor } : {}),
      });
      for (const { summary } of list.items) {
        sum.projects += 1;
        sum.pages += summary?.facts?.pageCount ?? 0;
        sum.bytes += summary?.facts?.originalBytes ?? 0;
      }
      cursor = list.cursor;
    } while (cursor);
    await usage.saveHoldings(organisationId, sum);
  }

  return {
    addUp,
    /** For the sweeper: those of which it is time. */
    async step() {
      for (const { id } of organisations) if (await usage.claimAddingUp(id)) await addUp(id);
    },
  };
}
