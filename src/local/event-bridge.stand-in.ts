// PutEvents as Amazon EventBridge describes it, with its limits. Events are taken and go nowhere.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsJsonError } from './aws-json-server.ts';

const maxEntryBytes = 1024 * 1024;

const input = z.object({
  Entries: z
    .array(
      z.object({
        EventBusName: z.string().optional(),
        Source: z.string().optional(),
        DetailType: z.string().max(128).optional(),
        Detail: z.string().optional(),
        Time: z.number().optional(),
      }),
    )
    .min(1)
    .max(10),
});

/** The operation: an entry that lacks something fails alone. */
export function putEvents(given: unknown) {
  const parsed = input.safeParse(given);
  if (!parsed.success) throw new AwsJsonError('ValidationException', 'Entries must have length 1 to 10.');
  const Entries = parsed.data.Entries.map(({ Source, DetailType, Detail }) => {
    const fail = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
    if (!Source || !DetailType)
      return fail('InvalidArgument', 'Parameter Source and DetailType are required.');
    if (!isObject(Detail)) return fail('MalformedDetail', 'Detail is malformed.');
    if (Buffer.byteLength(Detail ?? '') > maxEntryBytes)
      return fail('InvalidArgument', 'Entry is too large.');
    return { EventId: randomUUID() };
  });
  return { FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length, Entries };
}

function isObject(json: string | undefined): boolean {
  try {
    const value: unknown = JSON.parse(json ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
