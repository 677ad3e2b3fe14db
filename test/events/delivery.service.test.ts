// A delivery that takes longer than its lease, such as a large file to a slow server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeliveryService } from '../../src/events/delivery.service.ts';
import type { Channel, Listener } from '../../src/events/listener.ts';
import { createMetrics } from '../../src/runtime/metrics.ts';
import { startPaperlift } from '../support/paperlift.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';
import { waitFor } from '../support/wait.ts';

test('a delivery that takes minutes is not begun by another worker meanwhile', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let clock = Date.now();
  const now = () => new Date(clock);
  const paperlift = await startPaperlift({ now });
  try {
    const { stores, logger } = paperlift.services;
    const { agent, csrfToken } = await browserOf(paperlift, buildPerson('Ulla User'));
    const made = await agent.post('/api/v1/projects').set('x-csrf-token', csrfToken).send({ name: 'Slow' });
    const projectId: string = made.body.id;
    const event = {
      id: `${projectId}-1`,
      type: 'project.created' as const,
      at: now().toISOString(),
      organisationId: 'default',
      projectId,
      number: 1,
      projectName: 'Slow',
    };
    const told = { organisationId: 'default', projectId, name: 'Slow', number: 1, isReady: false };
    await stores.events.tell(undefined, [event], { ...told, pages: {}, exports: {} });
    const listener: Listener = {
      id: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
      organisationId: 'default',
      types: [],
      createdAt: event.at,
    };
    const { promise: isTaken, resolve: take } = Promise.withResolvers<void>();
    let sendings = 0;
    const rule: Channel = {
      list: async () => [listener],
      find: async () => listener,
      batch: 1,
      async send() {
        sendings += 1;
        await isTaken;
        return [{ ms: 1 }];
      },
    };
    const startWorker = () =>
      createDeliveryService({
        events: stores.events,
        webhooks: stores.webhooks,
        channels: { rule },
        metrics: createMetrics(),
        logger,
        now,
      });
    await stores.webhooks.announce({ ...listener, kind: 'rule' }, projectId, 0);
    const place = { webhookId: listener.id, projectId };
    const leaseUntil = async () =>
      Number(((await stores.webhooks.findCursor(place)) as { leaseUntil?: number } | undefined)?.leaseUntil);
    const delivering = startWorker().deliver(place);
    await waitFor('the sending', async () => (sendings > 0 ? true : undefined));
    for (let seconds = 0; seconds < 180; seconds += 20) {
      const before = await leaseUntil();
      clock += 20_000;
      context.mock.timers.tick(20_000);
      await waitFor('the renewal', async () => ((await leaseUntil()) > before ? true : undefined));
      await startWorker().deliver(place, { isDue: true });
    }
    take();
    await delivering;
    assert.equal(sendings, 1);
    assert.equal((await stores.webhooks.findCursor(place))?.delivered, 1);
  } finally {
    await paperlift.stop();
  }
});
