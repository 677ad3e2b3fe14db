// DynamoDB, S3 and SQS failing in their ways, and what people do meanwhile, while a worker works.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Page } from '../../src/pages/page.ts';
import { awsError, type Fault } from '../support/fault-proxy.ts';
import type { FaultStage } from '../support/fault-stage.ts';
import { faultTest } from '../support/fault-test.ts';
import { inDefault } from '../support/people.ts';
import { waitFor } from '../support/wait.ts';

const detect = 'DetectDocumentText';
/** For a worker whose request to Textract is held back: it is not given up before the test lets it go. */
const patient = { JOB_LEASE_SECONDS: '90', JOB_VISIBILITY_SECONDS: '90', TEXTRACT_TIMEOUT_SECONDS: '90' };

// Three at a time: their leases of three seconds leave no room for more in one process of a busy machine.
describe('a worker goes on', { concurrency: 3 }, () => {
  describe('DynamoDB', () => {
    const throughput = awsError(400, 'ProvisionedThroughputExceededException');
    const updates = (stage: FaultStage, wanted: 'claim' | 'finish', fault: Fault, times: number) => {
      let left = times;
      stage.proxies.database.when('UpdateItem', ({ body }) => {
        const { UpdateExpression: update } = JSON.parse(body.toString());
        const kind = /ADD attempt/.test(update)
          ? 'claim'
          : /REMOVE .*dueKey/.test(update)
            ? 'finish'
            : 'other';
        if (kind !== wanted || left === 0) return undefined;
        left -= 1;
        return fault;
      });
    };

    const failSecondPage = (stage: FaultStage) => {
      let puts = 0;
      stage.proxies.database.when('PutItem', ({ body }) => {
        if (!body.includes('"PAGE#')) return undefined;
        puts += 1;
        return puts > 1 ? throughput : undefined;
      });
    };

    for (const step of ['claim', 'finish'] as const) {
      faultTest(
        `is throttled on the ${step}, longer than the SDK tries: the page is ready`,
        async (stage) => {
          updates(stage, step, throughput, 4);
          stage.startWorkerInProcess();
          await stage.addPages(1);
          const [page] = await stage.settle();
          assert.equal(page?.status, 'ready');
          await stage.assertConsistent();
        },
      );

      faultTest(
        `loses the answer to a ${step} that it carried out: the page is ready long before the lease ends, read once`,
        async (stage) => {
          updates(stage, step, { kind: 'lose-answer' }, 1);
          stage.startWorkerInProcess({ JOB_LEASE_SECONDS: '600', JOB_VISIBILITY_SECONDS: '600' });
          await stage.addPages(1);
          const [page] = await stage.settle();
          assert.equal(page?.status, 'ready');
          assert.equal(stage.proxies.textract.count(detect), 1);
          await stage.assertConsistent();
        },
      );
    }

    faultTest('loses the answer to the record of a new page: the page is accepted, once', async (stage) => {
      const web = stage.startWorkerInProcess();
      stage.proxies.database.next('PutItem', { kind: 'lose-answer' });
      const [page] = await stage.addPages(1, { via: web.services });
      await stage.settle();
      assert.equal((await stage.services.stores.pages.list(page?.projectId ?? '')).length, 1);
      await stage.assertConsistent();
    });

    faultTest(
      'is away when pages are to be recorded: nothing is accepted, nothing is left',
      async (stage) => {
        const web = stage.startWorkerInProcess();
        const projectId = await stage.addProject();
        failSecondPage(stage);
        await assert.rejects(stage.addPages(2, { projectId, via: web.services }), {
          code: 'database-unavailable',
        });
        assert.deepEqual(await stage.services.stores.pages.list(projectId), []);
        assert.deepEqual(await stage.listObjects(`projects/${projectId}/`), []);
      },
    );

    faultTest(
      'is away for the removal too: the record that stays keeps its original, and is read',
      async (stage) => {
        const web = stage.startWorkerInProcess();
        const projectId = await stage.addProject();
        failSecondPage(stage);
        stage.proxies.database.when('DeleteItem', throughput);
        await assert.rejects(stage.addPages(2, { projectId, via: web.services }));
        const [left] = await stage.services.stores.pages.list(projectId);
        assert.ok(left, 'the first page’s record is there');
        const [page] = await stage.settle([left as never]);
        assert.equal(page?.status, 'ready');
      },
    );
  });

  describe('a page’s image that is replaced', () => {
    const person = { id: 'p', name: 'P', email: 'p@example.com', groups: ['paperlift-users'], ...inDefault };

    async function replaceWith(stage: FaultStage, fault: Fault, times: number) {
      const web = stage.startWorkerInProcess();
      const [page] = await stage.addPages(1);
      await stage.settle();
      const destination = { projectId: page?.projectId ?? '', person, pageId: page?.id ?? '' };
      const [other] = await stage.addPages(1);
      const original = await stage.services.blobs.open(other?.originalKey ?? '');
      const stored = await web.services.files.store(
        destination,
        { fileName: 'new.jpg', declaredType: 'image/jpeg', body: original.body },
        new AbortController().signal,
      );
      await stage.settle();
      let left = times;
      stage.proxies.database.when('UpdateItem', ({ body }) => {
        if (left === 0 || !/originalKey/.test(body.toString())) return undefined;
        left -= 1;
        return fault;
      });
      return { page, stored, replacing: web.services.uploads.replace(person, destination, stored) };
    }

    faultTest('keeps its new image when the answer to the write was lost', async (stage) => {
      const { page, stored, replacing } = await replaceWith(stage, { kind: 'lose-answer' }, 1);
      const replaced = await replacing;
      assert.equal(replaced.revision, 2);
      const [read] = await stage.settle([page as never]);
      assert.deepEqual([read?.status, read?.originalKey, read?.revision], ['ready', stored.originalKey, 2]);
    });

    faultTest(
      'keeps it too when every answer was lost, and the person is told to try again',
      async (stage) => {
        const { page, stored, replacing } = await replaceWith(stage, { kind: 'lose-answer' }, 99);
        await assert.rejects(replacing);
        const [read] = await stage.settle([page as never]);
        assert.deepEqual([read?.status, read?.originalKey], ['ready', stored.originalKey]);
      },
    );

    faultTest('keeps the old one when the write was refused, and the new one is gone', async (stage) => {
      const { page, stored, replacing } = await replaceWith(
        stage,
        awsError(400, 'ConditionalCheckFailedException'),
        1,
      );
      await assert.rejects(replacing, { code: 'page-changed' });
      const read = await stage.find(page as never);
      assert.deepEqual([read?.status, read?.originalKey, read?.revision], ['ready', page?.originalKey, 1]);
      assert.ok(!(await stage.listObjects()).includes(stored.originalKey));
    });
  });

  describe('S3', () => {
    const unavailable: Fault = {
      kind: 'answer',
      status: 503,
      type: 'application/xml',
      body: '<Error><Code>SlowDown</Code><Message>Reduce your rate</Message></Error>',
    };

    faultTest(
      'answers 503 to reads and writes, longer than the SDK tries: the page is ready',
      async (stage) => {
        await stage.addPages(2);
        stage.proxies.s3.next(/^GET/, unavailable, 5);
        stage.proxies.s3.next(/^PUT/, unavailable, 5);
        stage.startWorkerInProcess();
        for (const page of await stage.settle()) assert.equal(page.status, 'ready');
        await stage.assertConsistent();
      },
    );

    faultTest('is slow: the page is ready', async (stage) => {
      await stage.addPages(1);
      stage.proxies.s3.when(/./, { kind: 'slow', ms: 300 });
      stage.startWorkerInProcess();
      const [page] = await stage.settle();
      assert.equal(page?.status, 'ready');
      await stage.assertConsistent();
    });

    faultTest(
      'breaks off in the middle of an original: that is not a damaged image, and the page is ready',
      async (stage) => {
        await stage.addPages(1);
        stage.proxies.s3.next(/^GET .*originals/, { kind: 'half-body', rest: 'cut' }, 2);
        stage.startWorkerInProcess();
        const [page] = await stage.settle();
        assert.deepEqual([page?.status, page?.failure], ['ready', undefined]);
        await stage.assertConsistent();
      },
    );

    faultTest(
      'falls silent in the middle of an original: the worker does not wait for ever',
      async (stage) => {
        await stage.addPages(1);
        stage.proxies.s3.next(/^GET .*originals/, { kind: 'half-body', rest: 'silence' });
        stage.startWorkerInProcess({ WORKER_PAGES_AT_ONCE: '1', JOB_LEASE_SECONDS: '2' });
        const [page] = await stage.settle();
        assert.equal(page?.status, 'ready');
        await stage.assertConsistent();
      },
    );
  });

  describe('SQS', () => {
    faultTest('refuses the message of a page that was recorded: the sweeper sends it', async (stage) => {
      const web = stage.startWorkerInProcess({ JOB_LEASE_SECONDS: '1' });
      const refused = stage.proxies.sqs.when('SendMessage', awsError(500, 'InternalError'));
      await stage.addPages(1, { via: web.services });
      refused();
      const [page] = await stage.settle();
      assert.equal(page?.status, 'ready');
      assert.match(web.logs.text(), /the sweeper will send it/);
      assert.match(web.logs.text(), /swept/);
      await stage.assertConsistent();
    });

    faultTest('delivers every message three times at once: every page is read once', async (stage) => {
      stage.proxies.textract.when(detect, { kind: 'slow', ms: 100 });
      const pages = await stage.addPages(5);
      for (const page of pages) for (const _ of [2, 3]) await stage.services.enqueue.page(page);
      stage.startWorkerInProcess({ WORKER_PAGES_AT_ONCE: '16' });
      await stage.settle();
      await stage.assertConsistent();
      assert.equal(stage.proxies.textract.count(detect), 5);
    });

    faultTest('delivers a message of an older revision: it changes nothing', async (stage) => {
      stage.startWorkerInProcess();
      const [page] = await stage.addPages(1);
      const [read] = await stage.settle();
      const revised = await stage.services.stores.pages.reviseImage(read as never, { rotation: 90 });
      await stage.services.queues.pages.send({
        projectId: page?.projectId ?? '',
        pageId: page?.id ?? '',
        revision: 1,
      });
      await stage.services.enqueue.page(revised as never);
      const [again] = await stage.settle();
      assert.deepEqual([again?.revision, again?.width, again?.height], [2, 48, 64]);
      assert.match(again?.detectionKey ?? '', /\/r2\//);
      assert.equal(stage.proxies.textract.count(detect), 2);
    });
  });

  describe('meanwhile', () => {
    faultTest('a project that is deleted while its pages are under way does not come back', async (stage) => {
      const held = stage.proxies.textract.hold(detect);
      const worker = stage.startWorkerInProcess();
      const [page] = await stage.addPages(2);
      await held.reached;
      const projectId = page?.projectId ?? '';
      await stage.services.stores.projects.markDeleted(projectId, new Date(), new Date(Date.now() + 60_000));
      await stage.services.stores.projects.removeContents(projectId);
      await stage.services.blobs.removeBelow(`projects/${projectId}/`);
      held.release();
      await waitFor('the queue to be empty', async () =>
        (await stage.countMessages('paperlift-pages')) === 0 ? true : undefined,
      );
      await worker.stop();
      assert.deepEqual(await stage.listObjects(`projects/${projectId}/`), []);
      assert.deepEqual(await stage.services.stores.pages.list(projectId), []);
    });

    faultTest(
      'a page whose image is replaced while it is read: the result of the old one is dropped',
      async (stage) => {
        const held = stage.proxies.textract.hold(detect);
        const worker = stage.startWorkerInProcess(patient);
        const [page] = await stage.addPages(1);
        await held.reached;
        const current = await stage.find(page as never);
        const revised = await stage.services.stores.pages.reviseImage(current as never, { rotation: 90 });
        assert.equal(revised?.revision, 2);
        await stage.services.enqueue.page(revised as never);
        const [read] = await stage.settle();
        const before = { ...read };
        held.release();
        await waitFor('the old result to be dropped', async () =>
          /lease lost/.test(worker.logs.text() ?? '') ? true : undefined,
        );
        assert.deepEqual(await stage.find(page as never), before);
        assert.equal(read?.revision, 2);
      },
    );

    faultTest(
      'a page that is turned while it is read: the result is turned when it arrives',
      async (stage) => {
        const held = stage.proxies.textract.hold(detect);
        stage.startWorkerInProcess(patient);
        const [page] = await stage.addPages(1);
        await held.reached;
        const { pages } = stage.services.stores;
        const current = (await stage.find(page as never)) as Page;
        assert.deepEqual([current.width, current.height], [64, 48]);
        assert.ok(await pages.show(current, { rotation: 90, straightened: 0 }, []));
        const whileRead = await pages.find(current.projectId, current.id);
        assert.deepEqual([whileRead?.width, whileRead?.height, whileRead?.status], [48, 64, 'detecting']);
        held.release();
        await stage.settle();
        const read = await pages.find(current.projectId, current.id);
        assert.deepEqual(
          [read?.rotation, read?.preparedRotation, read?.width, read?.height],
          [90, 0, 48, 64],
        );
        assert.equal(stage.proxies.textract.count(detect), 1, 'it is not read again');
        await stage.assertConsistent();
      },
    );

    faultTest(
      'workers whose clocks are five minutes off: every page is final exactly once',
      async (stage) => {
        const off = (minutes: number) => () => new Date(Date.now() + minutes * 60_000);
        stage.proxies.textract.when(detect, { kind: 'slow', ms: 50 });
        const [ahead, behind] = [
          stage.startWorkerInProcess({ now: off(5) }),
          stage.startWorkerInProcess({ now: off(-5) }),
        ];
        await stage.addPages(10);
        for (const page of await stage.settle()) assert.equal(page.status, 'ready');
        await stage.assertConsistent({ leftovers: true });
        await Promise.all([ahead.stop(), behind.stop()]);
      },
    );

    faultTest('a worker that must end gives back what it cannot finish, at once', async (stage) => {
      const held = stage.proxies.textract.hold(detect);
      const unhurried = {
        JOB_LEASE_SECONDS: '90',
        JOB_VISIBILITY_SECONDS: '90',
        TEXTRACT_TIMEOUT_SECONDS: '60',
      };
      const ending = stage.startWorkerInProcess(unhurried);
      const [page] = await stage.addPages(1);
      await held.reached;
      await ending.stop();
      held.release({ kind: 'reset' });
      const left = await stage.find(page as never);
      assert.deepEqual([left?.status, left?.leaseOwner, left?.tries], ['detecting', undefined, 0]);
      stage.startWorkerInProcess();
      await stage.settle();
      await stage.assertConsistent();
    });

    faultTest('temporary files that cannot be written: pages need none', async (stage) => {
      const outside = await stage.startWorker({ TMPDIR: '/dev/null/full' });
      await stage.addPages(1);
      const [page] = await stage.settle();
      assert.equal(page?.status, 'ready');
      await stage.assertConsistent();
      await outside.kill();
    });

    faultTest(
      'S3, SQS and DynamoDB restarted while pages are under way: every page is ready',
      async (stage) => {
        stage.proxies.textract.when(detect, { kind: 'slow', ms: 300 });
        stage.startWorkerInProcess();
        await stage.addPages(8);
        await waitFor('a page under way', async () =>
          stage.proxies.textract.count(detect) >= 3 ? true : undefined,
        );
        await stage.restartEngines(1500);
        for (const page of await stage.settle()) {
          assert.deepEqual([page.status, page.failure], ['ready', undefined]);
        }
        await stage.assertConsistent({ leftovers: true });
      },
      { onDisk: true },
    );
  });
});
