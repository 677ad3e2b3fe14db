import request from 'supertest';
import type { Paperlift } from './paperlift.ts';

/** The `name=value` of the session cookie that a sign-in answered with. */
export function sessionCookieOf(answer: { headers: Record<string, unknown> }): string {
  const cookies = (answer.headers['set-cookie'] ?? []) as string[];
  return cookies.find((value) => /^(__Host-)?paperlift=/.test(value))?.split(';')[0] as string;
}

/** Signs in and returns the session cookie too, for requests without the agent. */
export async function signInForCookie(paperlift: Paperlift, email: string) {
  const { agent, csrfToken, answer } = await paperlift.signIn(email);
  return { agent, csrfToken, cookie: sessionCookieOf(answer) };
}

/** Whether this cookie opens the pages; told by a browser that keeps nothing. */
export async function isOpenedBy(paperlift: Paperlift, cookie: string): Promise<boolean> {
  const answer = await request(paperlift.url).get('/').set('Cookie', cookie);
  if (![200, 303].includes(answer.status)) throw new Error(`Neither open nor shut: ${answer.status}`);
  return answer.status === 200;
}
