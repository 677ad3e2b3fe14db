// The rules of an organisation, and the exports that each waits for.
import type { Documents } from '../aws/clients.ts';
import { createListenerStore } from '../events/listener.store.ts';
import type { Rule } from './rule.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

const waitMs = 30 * 24 * 60 * 60_000;
const wantKey = (ruleId: string, exportId: string) => ({ pk: `RULE#${ruleId}`, sk: `EXPORT#${exportId}` });

export function createRuleStore({ documents, table, now }: Dependencies) {
  return {
    ...createListenerStore<Rule>({ documents, table, prefix: 'RULE' }),

    /** Notes that the rule sends this export once it is ready: someone else may have asked for it. */
    async want(ruleId: string, exportId: string) {
      const expiresAt = Math.ceil((now().getTime() + waitMs) / 1000);
      await documents.put({ TableName: table, Item: { ...wantKey(ruleId, exportId), expiresAt } });
    },

    async isWanted(ruleId: string, exportId: string): Promise<boolean> {
      const Key = wantKey(ruleId, exportId);
      const { Item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
      return Item !== undefined;
    },
  };
}

export type RuleStore = ReturnType<typeof createRuleStore>;
