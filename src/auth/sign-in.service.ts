// What follows a verified assertion: a person with Paperlift's groups, or a refusal. Each is logged and recorded once.

import type { SamlProvider } from '../config/provider.config.ts';
import { isPaperliftError } from '../errors.ts';
import { type MappedGroups, mapGroups } from '../people/groups.ts';
import type { PersonStore } from '../people/person.store.ts';
import { type Person, personIdOf } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import type { TeamStore } from '../people/team.store.ts';
import { teamIdOf } from '../people/team.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { hasVisibleText } from '../text/visible-text.ts';
import type { FormerAccounts } from './former-accounts.ts';
import type { PoolMirror } from './pool-mirror.ts';
import type { Providers } from './saml/providers.ts';
import type { VerifiedSubject } from './saml/receiver.ts';
import { SignInRefused } from './saml/sign-in-refused.error.ts';
import type { DirectoryService } from './scim/directory.service.ts';
import type { SignInLog, SignInRecord } from './sign-in-log.store.ts';

interface Dependencies {
  people: Pick<PersonStore, 'save' | 'loseAccess' | 'find'>;
  directory: Pick<DirectoryService, 'admit' | 'settle'>;
  teams: Pick<TeamStore, 'save'>;
  formerAccounts: Pick<FormerAccounts, 'resolve'>;
  policies: Policies;
  poolMirror: Pick<PoolMirror, 'mirror'> | undefined;
  signInLog: Pick<SignInLog, 'record'>;
  providers: Pick<Providers, 'findByEmail'>;
  metrics: Metrics;
  logger: Logger;
  now: () => Date;
}

/** Where a sign-in came from. */
export interface SignInContext {
  requestId: string;
  ip: string;
  provider?: SamlProvider;
  /** For the record: what is known about a person who is refused after verification. */
  known?: Pick<SignInRecord, 'personId' | 'name' | 'email' | 'attributes' | 'mapped' | 'dropped'>;
}

/** Claims that Entra sends instead of the groups when there are too many. */
const overageClaims = [
  'http://schemas.microsoft.com/claims/groups.link',
  'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups.link',
];

export function createSignInService(dependencies: Dependencies) {
  const {
    people,
    directory,
    teams,
    formerAccounts,
    policies,
    poolMirror,
    signInLog,
    providers,
    metrics,
    logger,
    now,
  } = dependencies;

  /** An outage of the pool does not block a sign-in whose groups are known; the person is mirrored later. */
  async function mirror(person: Person) {
    try {
      await poolMirror?.mirror(person);
    } catch (error) {
      logger.warn({ err: error, personId: person.id }, 'could not mirror the person into the user pool');
    }
  }

  /** For a person who had groups and has none now: ends sessions and tokens, in the pool too. */
  async function takeAccess(person: Person) {
    if (await people.loseAccess(person.id, now())) await mirror({ ...person, groups: [], teams: [] });
  }

  async function refuseBlocked(personId: string): Promise<SignInRefused> {
    const record = await people.find(personId);
    const isByDirectory = record?.directoryBlockedAt && !record.disabledAt;
    return new SignInRefused(isByDirectory ? 'inactive-in-directory' : 'person-disabled');
  }

  async function record(entry: SignInRecord) {
    try {
      await signInLog.record(entry);
    } catch (error) {
      logger.warn({ err: error, requestId: entry.requestId }, 'could not record the sign-in');
    }
  }

  return {
    /** Signs the person in. Throws SignInRefused; the context then holds what is known about the person. */
    async signIn(subject: VerifiedSubject, provider: SamlProvider, context: SignInContext): Promise<Person> {
      const { person: signedIn, mapped, dropped, refusal } = readPerson(subject, provider, policies);
      const sent = await formerAccounts.resolve(signedIn, provider);
      const known = {
        personId: sent.id,
        name: sent.name,
        email: sent.email,
        attributes: Object.fromEntries(subject.attributes),
        mapped,
        dropped,
      };
      context.known = known;
      if (refusal?.code === 'email-missing') throw refusal;
      // a company's provider must not sign in people of another company, here or in the user pool
      const usual = await providers.findByEmail(sent.email);
      if (usual && usual.id !== provider.id) {
        if (refusal?.code === 'no-group') await takeAccess(sent);
        throw refusal ?? new SignInRefused('email-of-another-provider', usual.id);
      }
      const inDirectory = await directory.admit(sent);
      if (inDirectory && !inDirectory.isActive) throw new SignInRefused('inactive-in-directory');
      const person = inDirectory ? { ...sent, groups: inDirectory.groups, teams: inDirectory.teams } : sent;
      if (!policies.maySignIn(person)) {
        if (refusal?.code !== 'groups-overage') await takeAccess(person);
        throw refusal ?? new SignInRefused('no-group');
      }
      try {
        await people.save(person, now(), {
          issuer: provider.idpIssuer,
          signedInWith: { groups: sent.groups, teams: sent.teams },
        });
        await teams.save(person.organisationId, person.teams);
      } catch (error) {
        throw isPaperliftError(error, 'person-disabled') ? await refuseBlocked(person.id) : error;
      }
      // the directory may have changed meanwhile
      if (inDirectory) await directory.settle(person.organisationId, inDirectory.userId);
      await mirror(person);
      const { requestId, ip } = context;
      logger.info(
        { requestId, providerId: provider.id, personId: person.id, groups: person.groups },
        'signed in',
      );
      metrics.count('paperlift_sign_ins_total', { outcome: 'accepted', reason: '' });
      await record({
        providerId: provider.id,
        organisationId: provider.organisationId,
        outcome: 'signed-in',
        reason: 'signed-in',
        ...known,
        requestId,
        ip,
      });
      return person;
    },

    /** Logs and records a refused sign-in, once each. Never rejects. */
    async recordRefusal({ code, detail }: SignInRefused, { requestId, ip, provider, known }: SignInContext) {
      const reason = { providerId: provider?.id, reason: code, detail };
      logger.warn({ requestId, ip, personId: known?.personId, ...reason }, 'sign-in refused');
      metrics.count('paperlift_sign_ins_total', { outcome: 'refused', reason: code });
      const nothing = { attributes: {}, mapped: [], dropped: [] };
      const organisationId = provider?.organisationId;
      await record({ outcome: 'refused', ...reason, organisationId, ...(known ?? nothing), requestId, ip });
    },
  };
}

export type SignInService = ReturnType<typeof createSignInService>;

/** The person that an assertion describes, and the reason to refuse them, if any. */
export function readPerson(
  { issuer, nameId, attributes }: VerifiedSubject,
  provider: SamlProvider,
  policies: Policies,
): MappedGroups & { person: Person; refusal?: SignInRefused } {
  const names = provider.attributes;
  const first = (name: string, isGood = (value: string) => value !== '') => {
    const value = attributes.get(name)?.[0]?.trim();
    return value !== undefined && isGood(value) ? value : undefined;
  };
  /** One attribute, or several, separated by spaces, whose values are joined. */
  const readName = () => {
    const whole = first(names.name, hasVisibleText);
    const parts = names.name.split(/\s+/).flatMap((name) => first(name, hasVisibleText) ?? []);
    return whole ?? (parts.length > 0 ? parts.join(' ') : undefined);
  };
  const groups = mapGroups(attributes.get(names.groups) ?? [], provider.groupTable, provider.groupSeparator);
  const email = first(names.email);
  const person: Person = {
    id: personIdOf(issuer, nameId),
    email: email ?? '',
    name: readName() ?? email ?? '',
    groups: groups.groups,
    organisationId: provider.organisationId,
    teams: groups.teams.map((name) => ({ id: teamIdOf(provider.organisationId, name), name })),
  };
  const read = { ...groups, person };
  if (!email) return { ...read, refusal: new SignInRefused('email-missing', names.email) };
  if (policies.maySignIn(person)) return read;
  const overage = overageClaims.find((claim) => attributes.has(claim));
  const refusal = overage ? new SignInRefused('groups-overage', overage) : new SignInRefused('no-group');
  return { ...read, refusal };
}
