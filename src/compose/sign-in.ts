// Identity and permissions: trails, SAML, sessions, tokens and sign-out.
import { createAuditService } from '../audit/audit.service.ts';
import { createAccessService } from '../auth/access.service.ts';
import { createAccountService } from '../auth/account.service.ts';
import { createFormerAccounts } from '../auth/former-accounts.ts';
import { createProviders } from '../auth/saml/providers.ts';
import { createDirectoryService } from '../auth/scim/directory.service.ts';
import { createServiceAccountService } from '../auth/service-account.service.ts';
import { createSignInService } from '../auth/sign-in.service.ts';
import { createPolicies } from '../people/policies.ts';
import { loadOnUse } from '../runtime/load-on-use.ts';
import type { Foundation } from './foundation.ts';

export function composeSignIn({ config, logger, metrics, now, inFlight, clients, stores }: Foundation) {
  const { people, signInLog, personSessions } = stores;
  const policies = createPolicies({ groups: config.groups, customRoles: config.customRoles });
  const audit = createAuditService({
    trails: stores.trails,
    policies,
    logger,
    now,
  });
  const samlProviders = createProviders({ providers: config.saml.providers, inFlight, logger, now });
  const saml = { saml: config.saml, providers: samlProviders, store: stores.saml, now };
  const responseReceiver = loadOnUse(inFlight, async () => {
    const { createResponseReceiver } = await import('../auth/saml/receiver.ts');
    return createResponseReceiver(saml);
  });
  const loadSamlStrategy = async () => {
    const { createSamlStrategy } = await import('../auth/saml/strategy.ts');
    return createSamlStrategy(saml);
  };
  const { explainResponse } = loadOnUse(inFlight, async () => {
    const { createResponseExplainer } = await import('../auth/saml/explain.ts');
    return { explainResponse: createResponseExplainer({ ...saml, policies }) };
  });
  const { cognito } = config.aws;
  const poolMirror =
    cognito &&
    loadOnUse(inFlight, async () => {
      const [{ createPoolMirror }, { createUserPoolClient }] = await Promise.all([
        import('../auth/pool-mirror.ts'),
        import('../aws/user-pool.client.ts'),
      ]);
      const { userPoolId, endpoint } = cognito;
      const groupNames = [...Object.values(config.groups), ...config.customRoles.map(({ group }) => group)];
      const client = clients.open(createUserPoolClient({ region: config.aws.region, endpoint }));
      return createPoolMirror({ cognito: client, userPoolId, groupNames, people, logger });
    });
  const machineClients =
    cognito &&
    loadOnUse(inFlight, async () => {
      const [{ createMachineClients }, { createUserPoolClient }] = await Promise.all([
        import('../auth/machine-clients.ts'),
        import('../aws/user-pool.client.ts'),
      ]);
      const { userPoolId, endpoint } = cognito;
      const client = clients.open(createUserPoolClient({ region: config.aws.region, endpoint }));
      return createMachineClients({ cognito: client, userPoolId });
    });
  const tokens =
    cognito &&
    loadOnUse(inFlight, async () => {
      const { createTokenVerifier } = await import('../auth/token.verifier.ts');
      return createTokenVerifier({
        cognito,
        region: config.aws.region,
        people,
        serviceAccounts: stores.serviceAccounts,
        policies,
        logger,
        now,
      });
    });
  const access = createAccessService({
    signInLog,
    providers: config.saml.providers,
    policies,
    explainResponse,
  });
  const formerAccounts = createFormerAccounts({ changes: stores.providerChanges, people, audit });
  const directory = createDirectoryService({
    directory: stores.directory,
    people,
    teams: stores.teams,
    personSessions,
    poolMirror,
    providers: config.saml.providers,
    policies,
    audit,
    logger,
    now,
  });
  const directoryTokens = loadOnUse(inFlight, async () => {
    const { createDirectoryTokenService } = await import('../auth/scim/directory-token.service.ts');
    return createDirectoryTokenService({ connections: stores.directoryTokens, policies, audit, logger, now });
  });
  const scim = loadOnUse(inFlight, async () => {
    const { createScimService } = await import('../auth/scim/scim.service.ts');
    return createScimService({ store: stores.directory, directory, logger, now });
  });
  const account = createAccountService({
    people,
    personSessions,
    poolMirror,
    directory,
    policies,
    audit,
    logger,
    now,
  });
  const serviceAccounts = createServiceAccountService({
    accounts: stores.serviceAccounts,
    clients: machineClients,
    policies,
    audit,
    logger,
    now,
  });
  const singleLogout = loadOnUse(inFlight, async () => {
    const { createSingleLogoutService } = await import('../auth/single-logout.service.ts');
    return createSingleLogoutService({ ...saml, personSessions, account, formerAccounts, logger });
  });
  const signIns = createSignInService({
    people,
    directory,
    teams: stores.teams,
    formerAccounts,
    policies,
    poolMirror,
    signInLog,
    providers: samlProviders,
    metrics,
    logger,
    now,
  });

  return {
    policies,
    audit,
    access,
    people,
    /** Passport's strategy, loaded. */
    loadSamlStrategy,
    samlProviders,
    responseReceiver,
    explainResponse,
    signInLog,
    sessionStore: stores.sessions,
    tokens,
    poolMirror,
    account,
    serviceAccounts,
    formerAccounts,
    directory,
    directoryTokens,
    scim,
    singleLogout,
    signIns,
  };
}

export type SignIn = ReturnType<typeof composeSignIn>;
