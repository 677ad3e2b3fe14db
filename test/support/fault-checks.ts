// What fault tests read of a stage and assert about it once the faults are over.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Services } from '../../src/compose.ts';
import { isFinal, type Page } from '../../src/pages/page.ts';
import { fromStoredPage } from '../../src/pages/page-item.ts';
import { type Detection, textOf } from '../../src/text/detected-text.ts';
import { queues } from './fault-engines.ts';
import type { FaultProxy } from './fault-proxy.ts';
import { waitFor } from './wait.ts';

interface Dependencies {
  services: Services;
  /** The proxy before the database, which has recorded the calls. */
  database: FaultProxy;
  queueUrl: (name: string) => string;
  /** The folder for temporary files of the stage's processes. */
  temporary: string;
  /** The pages that were added so far. */
  added: Page[];
}

export function createFaultChecks({ services, database, queueUrl, temporary, added }: Dependencies) {
  const find = async (page: Page) => {
    const { Item } = await services.clients.documents.send(
      new GetCommand({
        TableName: services.config.aws.dynamodb.table,
        Key: { pk: `PROJECT#${page.projectId}`, sk: `PAGE#${page.id}` },
        ConsistentRead: true,
      }),
    );
    const item = Item && fromStoredPage<Page & Record<string, unknown>>(Item);
    return item && ({ ...item, ...(await services.stores.pages.withText(item)) } as typeof item);
  };

  /** Waits until every page is ready or failed. */
  async function settle(pages: Page[] = added, timeoutMs = 90_000) {
    const projectIds = [...new Set(pages.map((page) => page.projectId))];
    await waitFor(
      'every page to be ready or failed',
      async () => {
        const lists = await Promise.all(projectIds.map((id) => services.stores.pages.list(id)));
        const now = new Map(lists.flat().map((page) => [page.id, page]));
        return pages.every((page) => {
          const current = now.get(page.id);
          return current && isFinal(current);
        })
          ? true
          : undefined;
      },
      timeoutMs,
    );
    return Promise.all(pages.map(async (page) => (await find(page)) as Page));
  }

  async function countMessages(queue: string): Promise<number> {
    const { Attributes = {} } = await services.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl(queue), AttributeNames: ['All'] }),
    );
    return (
      Number(Attributes.ApproximateNumberOfMessages) +
      Number(Attributes.ApproximateNumberOfMessagesNotVisible)
    );
  }

  async function listObjects(prefix = ''): Promise<string[]> {
    const { Contents = [] } = await services.clients.s3.send(
      new ListObjectsV2Command({ Bucket: services.config.aws.s3.bucket, Prefix: prefix }),
    );
    return Contents.map(({ Key }) => Key as string);
  }

  /**
   * How often a page was given its final state. A call that its sender gave up has no status: on a busy machine the
   * database may have carried it out all the same, and the sender recognizes it as its own.
   */
  function countFinishes({ id }: Page): number {
    const finishes = database.calls.filter(({ operation, body }) => {
      if (operation !== 'UpdateItem' || !body.includes(id)) return false;
      const { Key, ExpressionAttributeValues: values } = JSON.parse(body.toString());
      return Key.sk.S === `PAGE#${id}` && ['ready', 'failed'].includes(values[':status']?.S);
    });
    const done = finishes.filter(({ status }) => status === 200).length;
    return done === 0 && finishes.some(({ status }) => status === undefined) ? 1 : done;
  }

  /**
   * Asserts what is true after every fault, once the pages are settled: every page became final exactly once, its detection
   * is the one that it names, its original is unchanged, the queues are empty, and nothing is left over.
   */
  async function assertConsistent({
    pages = added,
    dead = 0,
    leftovers = false,
  }: {
    pages?: Page[];
    /** Messages that belong in the dead-letter queue. */
    dead?: number;
    /** Whether objects of an attempt may be left: only when a process was killed on the way. */
    leftovers?: boolean;
  } = {}) {
    for (const page of pages) {
      const current = await find(page);
      assert.ok(current, 'the page is there');
      assert.ok(isFinal(current), `the page is final, not ${current.status}`);
      // The proxy notes an answer after the database has carried out what it answers.
      await waitFor('the page to be finished', async () => countFinishes(page) > 0 || undefined);
      assert.equal(countFinishes(page), 1, 'the page was finished exactly once');
      assert.deepEqual(
        [current.leaseOwner, current.leaseUntil, current.dueKey, current.dueAt],
        Array(4).fill(undefined),
      );
      const original = await services.blobs.read(current.originalKey);
      assert.equal(
        createHash('sha256').update(original).digest('hex'),
        current.sha256,
        'the original is as it was',
      );
      if (current.status === 'failed') assert.match(current.failure?.message ?? '', /\w+ \w+.*\./);
      else {
        const folder = `projects/${page.projectId}/pages/${page.id}/r${current.revision}/`;
        assert.ok(current.detectionKey?.startsWith(folder), 'the detection is of this page and revision');
        const detection: Detection = JSON.parse(
          (await services.blobs.read(current.detectionKey ?? '')).toString(),
        );
        assert.equal(textOf(detection), current.text);
        assert.equal((await services.blobs.read(current.imageKey ?? '')).readUInt16BE(0), 0xffd8);
      }
      if (!leftovers) {
        const named = [current.originalKey, current.imageKey, current.thumbnailKey, current.detectionKey];
        const expected = named.filter((key) => key !== undefined).sort();
        await waitFor(`nothing but ${expected.join(' and ')} to be there`, async () => {
          const objects = await listObjects(`projects/${page.projectId}/pages/${page.id}/`);
          return isDeepStrictEqual(objects.sort(), expected) ? true : undefined; // a page is final before all is tidy
        });
      }
    }
    for (const queue of queues) {
      await waitFor(`${queue} to be empty`, async () => (await countMessages(queue)) === 0 || undefined);
    }
    assert.equal(await countMessages('paperlift-pages-dead'), dead, 'messages in the dead-letter queue');
    assert.deepEqual(await readdir(temporary), [], 'no temporary file is left');
  }

  async function listMultipartUploads() {
    const { Uploads = [] } = await services.clients.s3.send(
      new ListMultipartUploadsCommand({ Bucket: services.config.aws.s3.bucket }),
    );
    return Uploads;
  }

  return {
    find,
    settle,
    countMessages,
    countFinishes,
    listObjects,
    listMultipartUploads,
    assertConsistent,
  };
}
