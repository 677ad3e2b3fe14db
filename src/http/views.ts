import path from 'node:path';
import { Eta } from 'eta';
import type { Express, RequestHandler } from 'express';
import type { Organisation } from '../people/organisation.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import { takeTurns } from '../runtime/short-turns.ts';
import { beginPhase } from '../runtime/trace.ts';
import type { Assets } from './assets.ts';

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes for HTML. Throws on a missing value, which would print as "undefined". */
function escapeValue(value: unknown): string {
  if (value === undefined || value === null) throw new TypeError('A view is missing a value');
  return String(value).replace(/[&<>"']/g, (character) => escapes[character] as string);
}

/** Server-side views: Eta templates with layout and partials. */
export function useViews(app: Express, directory: string) {
  const eta = new Eta({
    views: directory,
    cache: true,
    escapeFunction: escapeValue,
    autoTrim: [false, 'nl'],
  });
  app.set('views', directory);
  app.set('view engine', 'eta');
  app.enable('view cache'); // caches the locations of views; Eta caches their content
  app.engine('eta', (file, model, done) => {
    const name = `/${path
      .relative(directory, file)
      .split(path.sep)
      .join('/')
      .replace(/\.eta$/, '')}`;
    // asynchronous, so that long lists can be rendered in turns with other requests
    const end = beginPhase('render');
    eta
      .renderAsync(name, { ...model, takeTurn: takeTurns() })
      .finally(end)
      .then((html) => done(null, html))
      .catch(done);
  });
}

/** Values for every view, whoever asks. */
export function siteLocals({ assets, supportContact }: { assets: Assets; supportContact: string }) {
  return { asset: assets.url, importMap: assets.importMap, supportContact, csrfToken: '', person: undefined };
}

/** Values for every view about the signed-in person. */
export function personLocals(policies: Policies, organisations: Organisation[]): RequestHandler {
  const contacts = new Map(organisations.map(({ id, supportContact }) => [id, supportContact]));
  return (request, response, next) => {
    if (request.person) {
      response.locals.person = presentPerson(request.person, policies);
      const contact = contacts.get(request.person.organisationId);
      if (contact) response.locals.supportContact = contact;
      response.locals.csrfToken = request.session?.csrfToken ?? '';
    }
    next();
  };
}

function presentPerson(person: Person, policies: Policies) {
  const words = person.name.split(/[\s.@]+/).filter(Boolean);
  const initials = words
    .slice(0, 2)
    .map((word) => [...word][0]?.toLocaleUpperCase('en'))
    .join('');
  return {
    id: person.id,
    name: person.name,
    email: person.email,
    initials,
    roles: policies.rolesOf(person).join(', '),
    mayListAll: policies.may(person, 'projects.list-all'),
    isAdmin: policies.may(person, 'settings.read'),
    maySeeSignIns: policies.may(person, 'sign-ins.read'),
    mayReadTrails: policies.may(person, 'trails.read'),
  };
}
