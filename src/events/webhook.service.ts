// Administrators' actions on the webhooks of their organisation.
import { randomBytes } from 'node:crypto';
import { ulid as makeUlid } from 'ulid';
import type { AuditService } from '../audit/audit.service.ts';
import { PaperliftError } from '../errors.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import type { DeliveryService } from './delivery.service.ts';
import type { EventService } from './event.service.ts';
import type { EventType } from './event.ts';
import type { WebhookStore } from './webhook.store.ts';
import type { Webhook } from './webhook.ts';
import type { SendWebhook } from './webhook-sender.ts';

interface Dependencies {
  webhooks: WebhookStore;
  delivery: Pick<DeliveryService, 'sendAgain'>;
  events: Pick<EventService, 'forgetListeners'>;
  send: SendWebhook;
  policies: Policies;
  audit: Pick<AuditService, 'recordChange'>;
  now: () => Date;
}

const maxWebhooks = 20;
const attemptsShown = 50;
const secretBytes = 32;

export function createWebhookService(dependencies: Dependencies) {
  const { webhooks, delivery, events, send, policies, audit, now } = dependencies;

  function assertMay(person: Person) {
    if (policies.may(person, 'webhooks.manage')) return;
    throw new PaperliftError('forbidden', {
      code: 'not-an-administrator',
      message: 'Only administrators can do this.',
      hint: 'Ask an administrator.',
    });
  }

  async function find(person: Person, id: string): Promise<Webhook> {
    assertMay(person);
    const webhook = await webhooks.find(person.organisationId, id);
    if (webhook) return webhook;
    throw new PaperliftError('not-found', {
      code: 'webhook-not-found',
      message: 'This webhook doesn’t exist.',
      hint: 'Go back to the list of webhooks.',
    });
  }

  const change = (
    person: Person,
    webhook: Webhook,
    action: 'created' | 'paused' | 'resumed' | 'deleted',
    act: () => Promise<unknown>,
  ) =>
    audit.recordChange({ actor: person, action: `webhook.${action}`, detail: webhook.url }, async () => {
      await act();
      events.forgetListeners(person.organisationId);
    });

  return {
    async list(person: Person): Promise<Webhook[]> {
      assertMay(person);
      return webhooks.list(person.organisationId);
    },

    /** The webhook with its latest attempts. */
    async view(person: Person, id: string, before?: string) {
      const webhook = await find(person, id);
      return { webhook, ...(await webhooks.listAttempts(id, { limit: attemptsShown, before })) };
    },

    /** Its secret is returned here and never again. Throws `too-many-webhooks`. */
    async create(person: Person, { url, types }: { url: string; types: EventType[] }): Promise<Webhook> {
      assertMay(person);
      if ((await webhooks.list(person.organisationId)).length >= maxWebhooks) throw tooMany();
      const at = now();
      const webhook: Webhook = {
        id: makeUlid(at.getTime()),
        organisationId: person.organisationId,
        url,
        types,
        secret: `whsec_${randomBytes(secretBytes).toString('base64')}`,
        createdAt: at.toISOString(),
        createdBy: person.name,
      };
      await change(person, webhook, 'created', () => webhooks.create(webhook));
      return webhook;
    },

    async pause(person: Person, id: string) {
      const webhook = await find(person, id);
      await change(person, webhook, 'paused', () => webhooks.pause(person.organisationId, id, now()));
    },

    async resume(person: Person, id: string) {
      const webhook = await find(person, id);
      await change(person, webhook, 'resumed', () => webhooks.pause(person.organisationId, id, undefined));
    },

    async remove(person: Person, id: string) {
      const webhook = await find(person, id);
      await change(person, webhook, 'deleted', () => webhooks.remove(person.organisationId, id));
    },

    /** Sends an event once more. `false`: it was not accepted, or is no longer kept. */
    async sendAgain(
      person: Person,
      id: string,
      event: { projectId: string; number: number },
    ): Promise<boolean> {
      return delivery.sendAgain('webhook', await find(person, id), event);
    },

    /** Sends a message that is no event, and says how it was answered. */
    async test(person: Person, id: string) {
      const webhook = await find(person, id);
      const at = now();
      const body = JSON.stringify({ type: 'test', timestamp: at.toISOString(), data: {} });
      return send(webhook.url, webhook.secret, { id: `test-${makeUlid(at.getTime())}`, at, body });
    },
  };
}

export type WebhookService = ReturnType<typeof createWebhookService>;

function tooMany() {
  return new PaperliftError('conflict', {
    code: 'too-many-webhooks',
    message: `An organisation can have ${maxWebhooks} webhooks.`,
    hint: 'Delete one that is no longer needed.',
  });
}
