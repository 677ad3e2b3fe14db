// Cognito by cognito-local. Its `createDefaultServer` reads the current directory and the environment and loads the
// old SDK for triggers that are not used here, so its parts are assembled here.
import { readdir, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { DefaultConfig } from 'cognito-local/lib/server/config.js';
import { Router } from 'cognito-local/lib/server/Router.js';
import { createServer } from 'cognito-local/lib/server/server.js';
import { CognitoServiceFactoryImpl } from 'cognito-local/lib/services/cognitoService.js';
import { StormDBDataStoreFactory } from 'cognito-local/lib/services/dataStore/stormDb.js';
import { DateClock, type Services, TriggersService } from 'cognito-local/lib/services/index.js';
import { otp } from 'cognito-local/lib/services/otp.js';
import { JwtTokenGenerator } from 'cognito-local/lib/services/tokenGenerator.js';
import { UserPoolServiceFactoryImpl } from 'cognito-local/lib/services/userPoolService.js';
import express from 'express';
import pino from 'pino';
import { clientCredentials, withResourceServers } from './client-credentials.ts';
import { closeServer, listenWithin, onLoopback, type Reach } from './loopback.ts';
import type { LocalPerson } from './people.ts';

/** Fixed ids of the pool and its client, in AWS's format. */
export const userPoolId = 'us-east-1_Paperlift';
export const userPoolClientId = 'paperlift0local0client0000';

/**
 * Starts Cognito with one pool whose usernames are email addresses, its client, the groups, and the people with their
 * groups. Returns each person's username in the pool.
 */
export async function startUserPool(options: {
  directory: string;
  port: number;
  reach?: Reach;
  people: LocalPerson[];
  groups: string[];
  password: string;
}) {
  const logger = pino({ level: 'silent' });
  const tokens = { IssuerDomain: '' };
  const services = await createServices(options.directory, tokens);
  const router = withResourceServers(Router(services));
  const app = express();
  app.use(clientCredentials({ services, tokens }), createServer(router, logger as never, {}).application);
  const server = createHttpServer(app);
  const { reach = onLoopback } = options;
  const port = await listenWithin(reach, server, options.port);
  const endpoint = `http://${reach.name}:${port}`;
  tokens.IssuerDomain = endpoint;

  const call = (operation: string, input: object) => router(operation)({ logger }, input);
  await ensurePool(services);
  await ensureGroups();
  const usernames: Record<string, string> = {};
  for (const person of options.people) usernames[person.email] = await ensurePerson(person);

  return { endpoint, tokenUrl: `${endpoint}/oauth2/token`, usernames, stop: () => closeServer(server) };

  async function ensureGroups(): Promise<void> {
    const { Groups } = await call('ListGroups', { UserPoolId: userPoolId });
    const existing = Groups.map((group: { GroupName: string }) => group.GroupName);
    // creating it again would empty it
    const missing = options.groups.filter((name) => !existing.includes(name));
    for (const GroupName of missing) await call('CreateGroup', { UserPoolId: userPoolId, GroupName });
  }

  async function ensurePerson(person: LocalPerson): Promise<string> {
    const user = { UserPoolId: userPoolId, Username: person.email };
    const creation = call('AdminCreateUser', {
      ...user,
      MessageAction: 'SUPPRESS',
      UserAttributes: [
        { Name: 'email', Value: person.email },
        { Name: 'email_verified', Value: 'true' },
        { Name: 'name', Value: person.name },
      ],
    });
    await creation.catch((error) => {
      if (error.code !== 'UsernameExistsException') throw error;
    });
    await call('AdminSetUserPassword', { ...user, Password: options.password, Permanent: true });
    for (const GroupName of person.groups) await call('AdminAddUserToGroup', { ...user, GroupName });
    return (await call('AdminGetUser', user)).Username;
  }
}

async function createServices(directory: string, tokens: { IssuerDomain: string }): Promise<Services> {
  await removeTornFiles(directory);
  const context = { logger: pino({ level: 'silent' }) };
  const clock = new DateClock();
  const files = new StormDBDataStoreFactory(directory);
  const pools = new UserPoolServiceFactoryImpl(clock, files);
  const config = { ...DefaultConfig, TokenConfig: tokens };
  const cognito = await new CognitoServiceFactoryImpl(directory, files, pools).create(
    context,
    config.UserPoolDefaults,
  );
  const lambda = { enabled: () => false, invoke: () => Promise.reject(new Error('No triggers here')) };
  const crypto = { encrypt: () => Promise.reject(new Error('No triggers here')) };
  const triggers = new TriggersService(clock, cognito, lambda, crypto as never);
  const messages = { deliver: () => Promise.resolve() };
  const tokenGenerator = new JwtTokenGenerator(clock, triggers, tokens);
  return { clock, cognito, config, messages, otp, tokenGenerator, triggers };
}

async function ensurePool({ cognito, clock }: Services): Promise<void> {
  const context = { logger: pino({ level: 'silent' }) };
  const now = clock.get();
  const existing = await cognito.listUserPools(context);
  if (!existing.some((pool) => pool.Id === userPoolId)) {
    await cognito.createUserPool(context, {
      Id: userPoolId,
      Name: 'Paperlift',
      CreationDate: now,
      LastModifiedDate: now,
    });
  }
  const pool = await cognito.getUserPool(context, userPoolId);
  await pool.saveAppClient(context, {
    ClientId: userPoolClientId,
    ClientName: 'Paperlift',
    UserPoolId: userPoolId,
    CreationDate: now,
    LastModifiedDate: now,
    ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'],
    AccessTokenValidity: 1,
    IdTokenValidity: 1,
    TokenValidityUnits: { AccessToken: 'hours', IdToken: 'hours', RefreshToken: 'days' },
  } as never);
}

// the pool writes its files in place, so a kill can truncate one; their content is recreated
async function removeTornFiles(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((name) => name.endsWith('.json'))) {
    try {
      JSON.parse(await readFile(join(directory, name), 'utf8'));
    } catch {
      await rm(join(directory, name));
    }
  }
}
