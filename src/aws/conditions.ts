// Conditional writes. The SDK repeats a write whose answer was lost, and the repeated write then fails on the
// condition that the first one changed. So every conditional write stores a unique `writeId` in the item. When a
// condition fails after a retry, the item is read: if it holds that id, the write succeeded.
import { randomBytes } from 'node:crypto';
import type { Documents } from './clients.ts';

type Attributes = Record<string, unknown>;

interface Conditional {
  TableName: string;
  ConditionExpression: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Attributes;
}

interface ConditionalPut extends Conditional {
  Item: object;
}

interface ConditionalUpdate extends Conditional {
  Key: object;
  /** A `SET` clause must come first. */
  UpdateExpression: string;
  ReturnValues?: 'ALL_NEW' | 'UPDATED_NEW';
}

interface ConditionalDelete extends Conditional {
  Key: object;
}

/** Twelve characters: it is stored in every item, and only has to differ from the ids of other writes to the same one. */
const createWriteId = () => randomBytes(9).toString('base64url');

/** Puts an item. `false` when the condition does not hold. */
export async function putIf(documents: Documents, input: ConditionalPut): Promise<boolean> {
  const writeId = createWriteId();
  const Item = { ...input.Item, writeId };
  const { failure } = await attempt(() => documents.put({ ...input, Item }));
  if (!failure) return true;
  const { pk, sk } = Item as Attributes;
  return (await findOwn(documents, { ...input, Key: { pk, sk } }, writeId, failure)) !== undefined;
}

/**
 * Updates an item once, so that nothing is added or appended twice. Resolves to the attributes that `ReturnValues` asks
 * for, or to `undefined` when the condition does not hold. `isOwn` recognizes the write where another write may follow
 * it at once.
 */
export async function updateIf(
  documents: Documents,
  input: ConditionalUpdate,
  isOwn?: (item: Attributes) => boolean,
): Promise<Attributes | undefined> {
  const writeId = createWriteId();
  const { answer, failure } = await attempt(() =>
    documents.update({
      ...input,
      UpdateExpression: input.UpdateExpression.replace(
        /^(SET )?/,
        (set) => `SET writeId = :writeId${set ? ', ' : ' '}`,
      ),
      ConditionExpression: `(${input.ConditionExpression}) AND (attribute_not_exists(writeId) OR writeId <> :writeId)`,
      ExpressionAttributeValues: { ...input.ExpressionAttributeValues, ':writeId': writeId },
    }),
  );
  if (!failure) return answer?.Attributes ?? {};
  return findOwn(documents, input, writeId, failure, isOwn);
}

/**
 * Deletes an item under a condition. Resolves to whether the item is gone. A deletion whose answer was lost counts as
 * done, since nothing is left that could tell whose it was.
 */
export async function deleteIf(documents: Documents, input: ConditionalDelete): Promise<boolean> {
  const Key = { ...input.Key };
  const { failure } = await attempt(() => documents.delete({ ...input, Key }));
  if (!failure) return true;
  const { Item } = await documents.get({ TableName: input.TableName, Key, ConsistentRead: true });
  return Item === undefined;
}

/**
 * Runs a conditional write that is not safe to repeat. Resolves to `undefined` when the condition does not hold.
 */
export async function unlessConditionFails<T>(write: () => Promise<T>): Promise<T | undefined> {
  return (await attempt(write)).answer;
}

interface Outcome<T> {
  answer?: T;
  /** Set when the condition did not hold. */
  failure?: Error;
}

async function attempt<T>(write: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { answer: await write() };
  } catch (error) {
    if ((error as Error).name === 'ConditionalCheckFailedException') return { failure: error as Error };
    throw error;
  }
}

/** Whether the SDK sent the request more than once. If it did not, someone else changed the item. */
function wasRepeated(failure: Error): boolean {
  return (failure as { $metadata?: { attempts?: number } }).$metadata?.attempts !== 1;
}

async function findOwn(
  documents: Documents,
  { TableName, Key }: { TableName: string; Key: object },
  writeId: string,
  failure: Error,
  isOwn?: (item: Attributes) => boolean,
): Promise<Attributes | undefined> {
  if (!wasRepeated(failure)) return undefined;
  const { Item } = await documents.get({ TableName, Key, ConsistentRead: true });
  return Item && (Item.writeId === writeId || isOwn?.(Item)) ? Item : undefined;
}
