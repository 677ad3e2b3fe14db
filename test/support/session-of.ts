import { createHmac } from 'node:crypto';
import type { SessionData } from 'express-session';
import request from 'supertest';
import { ulid } from 'ulid';
import type { Services } from '../../src/compose.ts';
import type { Person } from '../../src/people/person.ts';

/** The cookie and CSRF token that a browser has after a person's sign-in. https://www.npmjs.com/package/cookie-signature */
export async function beginSessionOf(
  { people, stores, sessionStore, config }: Services,
  person: Person,
): Promise<{ cookie: string; csrfToken: string }> {
  await people.save(person, new Date());
  await stores.teams.save(person.organisationId, person.teams);
  const id = `${ulid()}.${person.id}`;
  const csrfToken = ulid();
  await new Promise<void>((resolve, reject) => {
    const data = { person, csrfToken, cookie: {} } as unknown as SessionData;
    sessionStore.set(id, data, (error) => (error ? reject(error) : resolve()));
  });
  const signature = createHmac('sha256', config.session.secret).update(id).digest('base64');
  const value = encodeURIComponent(`s:${id}.${signature.replace(/=+$/, '')}`);
  return { cookie: `paperlift=${value}`, csrfToken };
}

/** A browser in which a person is signed in, without an identity provider. */
export async function browserOf({ services, url }: { services: Services; url: string }, person: Person) {
  const { cookie, csrfToken } = await beginSessionOf(services, person);
  const agent = request.agent(url);
  agent.set('Cookie', cookie);
  return { agent, csrfToken };
}

/** Someone who may work with what they own and what is shared with them. */
export function buildPerson(name: string, overrides: Partial<Person> = {}): Person {
  return {
    id: `p-${name.toLowerCase().replaceAll(' ', '-')}`,
    name,
    email: `${name.toLowerCase().replaceAll(' ', '.')}@example.com`,
    groups: ['paperlift-users'],
    organisationId: 'default',
    teams: [],
    ...overrides,
  };
}
