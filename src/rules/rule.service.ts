// Administrators' actions on the rules of their organisation.
import { Readable } from 'node:stream';
import { ulid as makeUlid } from 'ulid';
import type { AuditService } from '../audit/audit.service.ts';
import { PaperliftError } from '../errors.ts';
import type { DeliveryService } from '../events/delivery.service.ts';
import type { EventService } from '../events/event.service.ts';
import type { WebhookStore } from '../events/webhook.store.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import type { Push } from './file-to-push.ts';
import type { RuleStore } from './rule.store.ts';
import { describeTarget, type Rule, ruleTypes, type TargetKind } from './rule.ts';

interface Dependencies {
  rules: RuleStore;
  attempts: Pick<WebhookStore, 'listAttempts'>;
  delivery: Pick<DeliveryService, 'sendAgain'>;
  events: Pick<EventService, 'forgetListeners'>;
  pushes: Record<TargetKind, Push>;
  /** The buckets of an organisation. */
  bucketsOf: (organisationId: string) => readonly string[];
  policies: Policies;
  audit: Pick<AuditService, 'recordChange'>;
  now: () => Date;
}

export type NewRule = Pick<Rule, 'name' | 'format'> &
  Partial<Pick<Rule, 'translateTo' | 'target' | 'secret'>>;

const maxRules = 20;
const attemptsShown = 50;
const testMs = 30_000;

export function createRuleService(dependencies: Dependencies) {
  const { rules, attempts, delivery, events, pushes, bucketsOf, policies, audit, now } = dependencies;

  function assertMay(person: Person) {
    if (policies.may(person, 'rules.manage')) return;
    throw new PaperliftError('forbidden', {
      code: 'not-an-administrator',
      message: 'Only administrators can do this.',
      hint: 'Ask an administrator.',
    });
  }

  async function find(person: Person, id: string): Promise<Rule> {
    assertMay(person);
    const rule = await rules.find(person.organisationId, id);
    if (rule) return rule;
    throw ruleNotFound();
  }

  const change = (
    person: Person,
    { name, target }: Pick<Rule, 'name' | 'target'>,
    action: 'created' | 'paused' | 'resumed' | 'deleted',
    act: () => Promise<unknown>,
  ) => {
    const detail = `“${name}”: ${describeTarget(target)}`;
    return audit.recordChange({ actor: person, action: `rule.${action}`, detail }, async () => {
      await act();
      events.forgetListeners(person.organisationId);
    });
  };

  return {
    async list(person: Person): Promise<Rule[]> {
      assertMay(person);
      return rules.list(person.organisationId);
    },

    /** The buckets that rules of the person's organisation may use. */
    buckets(person: Person): readonly string[] {
      assertMay(person);
      return bucketsOf(person.organisationId);
    },

    /** The rule with its latest attempts. */
    async view(person: Person, id: string, before?: string) {
      const rule = await find(person, id);
      return { rule, ...(await attempts.listAttempts(id, { limit: attemptsShown, before })) };
    },

    /** Throws `too-many-rules` and `bucket-not-allowed`. */
    async create(person: Person, given: NewRule): Promise<Rule> {
      assertMay(person);
      const { organisationId } = person;
      if ((await rules.list(organisationId)).length >= maxRules) throw tooMany();
      if (given.target?.kind === 's3' && !bucketsOf(organisationId).includes(given.target.bucket))
        throw bucketNotAllowed();
      const at = now();
      const rule: Rule = {
        ...given,
        id: makeUlid(at.getTime()),
        organisationId,
        types: ruleTypes,
        createdAt: at.toISOString(),
        createdBy: person.name,
      };
      await change(person, rule, 'created', () => rules.create(rule));
      return rule;
    },

    async pause(person: Person, id: string) {
      const rule = await find(person, id);
      await change(person, rule, 'paused', () => rules.pause(person.organisationId, id, now()));
    },

    async resume(person: Person, id: string) {
      const rule = await find(person, id);
      await change(person, rule, 'resumed', () => rules.pause(person.organisationId, id, undefined));
    },

    async remove(person: Person, id: string) {
      const rule = await find(person, id);
      await change(person, rule, 'deleted', () => rules.remove(person.organisationId, id));
    },

    /** Acts on an event once more. `false`: that failed, or the event is no longer kept. */
    async sendAgain(
      person: Person,
      id: string,
      event: { projectId: string; number: number },
    ): Promise<boolean> {
      return delivery.sendAgain('rule', await find(person, id), event);
    },

    /** Puts a small file where the rule would put exports. Returns what went wrong. */
    async test(person: Person, id: string): Promise<string | undefined> {
      const rule = await find(person, id);
      if (!rule.target) return undefined;
      const text = Buffer.from('Paperlift can put files here. You can delete this one.\n');
      const file = {
        name: 'Paperlift test.txt',
        contentType: 'text/plain; charset=utf-8',
        sizeBytes: text.length,
        open: async () => Readable.from([text]),
      };
      try {
        await pushes[rule.target.kind](rule, file, AbortSignal.timeout(testMs));
        return undefined;
      } catch (error) {
        return (error as Error).message.slice(0, 300);
      }
    },
  };
}

export type RuleService = ReturnType<typeof createRuleService>;

export function ruleNotFound() {
  return new PaperliftError('not-found', {
    code: 'rule-not-found',
    message: 'This rule doesn’t exist.',
    hint: 'Go back to the list of rules.',
  });
}

function tooMany() {
  return new PaperliftError('conflict', {
    code: 'too-many-rules',
    message: `An organisation can have ${maxRules} rules.`,
    hint: 'Delete one that is no longer needed.',
  });
}

function bucketNotAllowed() {
  return new PaperliftError('forbidden', {
    code: 'bucket-not-allowed',
    message: 'Rules can’t use this bucket.',
    hint: 'Ask the people who run Paperlift to add it to PUSH_BUCKETS.',
  });
}
