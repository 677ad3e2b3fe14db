import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Documents } from './clients.ts';

/**
 * Every item that a query finds, over as many pages as it takes; with `atMost`, stops after the page that reaches it. The
 * SDK's paginator is not used because it accepts a loaded client only (docs/decisions/0052).
 */
export async function queryAll(
  documents: Pick<Documents, 'query'>,
  input: QueryCommandInput,
  atMost = Number.POSITIVE_INFINITY,
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const answer = await documents.query({ ...input, ...(from ? { ExclusiveStartKey: from } : {}) });
    items.push(...(answer.Items ?? []));
    from = answer.LastEvaluatedKey;
  } while (from && items.length < atMost);
  return items;
}
