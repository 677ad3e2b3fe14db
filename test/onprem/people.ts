import type { Keycloak } from './keycloak.ts';

// as in src/local/people.ts, with the groups of onprem/keycloak-realm.json
export const people = [
  { email: 'alice@example.com', firstName: 'Alice', lastName: 'Archer', groups: ['Paperlift Users'] },
  { email: 'bob@example.com', firstName: 'Bob', lastName: 'Baker', groups: ['Paperlift Users'] },
  { email: 'carol@example.com', firstName: 'Carol', lastName: 'Carpenter', groups: ['Paperlift Admins'] },
  { email: 'erin@example.com', firstName: 'Erin', lastName: 'Ellis', groups: ['Paperlift Auditors'] },
  { email: 'dave@example.com', firstName: 'Dave', lastName: 'Draper', groups: [] },
];

export async function createPeople(keycloak: Keycloak): Promise<void> {
  for (const person of people) await keycloak.createPerson(person);
}
