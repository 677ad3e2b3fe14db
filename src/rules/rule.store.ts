// The rules of an organisation, and the exports that each waits for.
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { queryAll } from '../aws/query-all.ts';
import type { Rule } from './rule.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

const waitMs = 30 * 24 * 60 * 60_000;
const partitionOf = (organisationId: string) => `ORGANISATION#${organisationId}`;
const ruleKey = (organisationId: string, id: string) => ({
  pk: partitionOf(organisationId),
  sk: `RULE#${id}`,
});
const wantKey = (ruleId: string, exportId: string) => ({ pk: `RULE#${ruleId}`, sk: `EXPORT#${exportId}` });

export function createRuleStore({ documents, table, now }: Dependencies) {
  return {
    async list(organisationId: string): Promise<Rule[]> {
      const found = await queryAll(documents, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :rule)',
        ExpressionAttributeValues: { ':pk': partitionOf(organisationId), ':rule': 'RULE#' },
        ConsistentRead: true,
      });
      return found as unknown as Rule[];
    },

    async find(organisationId: string, id: string): Promise<Rule | undefined> {
      const Key = ruleKey(organisationId, id);
      const { Item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
      return Item as Rule | undefined;
    },

    async create(rule: Rule) {
      await documents.put({ TableName: table, Item: { ...ruleKey(rule.organisationId, rule.id), ...rule } });
    },

    async pause(organisationId: string, id: string, at: Date | undefined): Promise<boolean> {
      const changed = await updateIf(documents, {
        TableName: table,
        Key: ruleKey(organisationId, id),
        UpdateExpression: at ? 'SET pausedAt = :at' : 'REMOVE pausedAt',
        ConditionExpression: 'attribute_exists(pk)',
        ...(at ? { ExpressionAttributeValues: { ':at': at.toISOString() } } : {}),
      });
      return changed !== undefined;
    },

    async remove(organisationId: string, id: string) {
      await documents.delete({ TableName: table, Key: ruleKey(organisationId, id) });
    },

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
