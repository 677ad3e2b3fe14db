import type { LocalPerson } from '../people.ts';
import { escapeMarkup } from './markup.ts';

/** The page to choose a person. The form carries the request, so that nothing is stored meanwhile. */
export function presentSignIn(page: {
  people: LocalPerson[];
  samlRequest: string;
  relayState: string | undefined;
  nonce: string;
}): string {
  const people = page.people.map(
    (person) => `<li><button name="person" value="${escapeMarkup(person.email)}">
      <strong>${escapeMarkup(person.name)}</strong> <span>${escapeMarkup(person.email)}</span>
      <small>${escapeMarkup(person.providerGroups.join(' · '))}</small>
    </button></li>`,
  );
  return layOut({
    title: 'Sign in',
    nonce: page.nonce,
    content: `<p>Select a person to sign in to Paperlift. No passwords are needed on this machine.</p>
    <form method="post" action="/sso">
      ${hide('SAMLRequest', page.samlRequest)}
      ${page.relayState === undefined ? '' : hide('RelayState', page.relayState)}
      <ul>${people.join('')}</ul>
    </form>`,
  });
}

/** The page that posts the answer to Paperlift, automatically or by its button where scripts do not run. */
export function presentAnswer(page: {
  acsUrl: string;
  samlResponse: string;
  relayState: string | undefined;
  nonce: string;
}): string {
  return layOut({
    title: 'Signing you in',
    nonce: page.nonce,
    content: `<p>Taking you back to Paperlift. If nothing happens, press Continue.</p>
    <form method="post" action="${escapeMarkup(page.acsUrl)}">
      ${hide('SAMLResponse', page.samlResponse)}
      ${page.relayState === undefined ? '' : hide('RelayState', page.relayState)}
      <button class="primary">Continue</button>
    </form>
    <script nonce="${page.nonce}">document.forms[0].submit()</script>`,
  });
}

/** The page for people without a request, or with a rejected one. */
export function presentNotice(page: {
  title: string;
  message: string;
  publicUrl: string;
  nonce: string;
}): string {
  return layOut({
    title: page.title,
    nonce: page.nonce,
    content: `<p>${escapeMarkup(page.message)}</p>
    <p>Start your sign-in from Paperlift: <a href="${escapeMarkup(page.publicUrl)}/">${escapeMarkup(page.publicUrl)}</a></p>`,
  });
}

function hide(name: string, value: string): string {
  return `<input type="hidden" name="${name}" value="${escapeMarkup(value)}">`;
}

function layOut(page: { title: string; content: string; nonce: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escapeMarkup(page.title)} · Example Company</title>
  <style nonce="${page.nonce}">${styles}</style>
</head>
<body>
  <main>
    <p class="company">Example Company</p>
    <h1>${escapeMarkup(page.title)}</h1>
    ${page.content}
  </main>
</body>
</html>
`;
}

const styles = `
:root { color-scheme: light dark; --paper: #fbfaf7; --card: #fff; --ink: #1d2430; --soft: #5b6675; --line: #e4e1d9; --accent: #0b6e6e; --on-accent: #fff; --tint: #e2f1ef }
@media (prefers-color-scheme: dark) { :root { --paper: #14181d; --card: #1c2229; --ink: #e8e6e1; --soft: #9aa5b1; --line: #2c343d; --accent: #5cc5bd; --on-accent: #14181d; --tint: #173634 } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 440px; margin: 40px auto; padding: 24px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; box-shadow: 0 1px 3px #1d24301a }
h1 { margin: 0 0 12px; font-size: 26px; line-height: 1.25 }
.company { margin: 0 0 4px; color: var(--soft); font-size: 13px }
ul { list-style: none; margin: 16px 0 0; padding: 0; display: grid; gap: 8px }
button { font: inherit; cursor: pointer; border-radius: 8px }
li button { width: 100%; padding: 12px 16px; text-align: left; color: var(--ink); background: var(--card); border: 1px solid var(--line) }
li button:hover { background: var(--tint); border-color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
li span { color: var(--soft); font-size: 14px }
li small { display: block; color: var(--soft); font-size: 13px }
.primary { padding: 8px 16px; color: var(--on-accent); background: var(--accent); border: 0 }
a { color: var(--accent) }
`;
