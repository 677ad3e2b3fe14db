// Environment variables that are stored in AWS Secrets Manager instead of a function's configuration.
import { ConfigError } from '../errors.ts';

const timeoutMs = 5000;

/**
 * Adds the variables of the secret that SECRETS_ARN names (an ARN or a name; the secret is a JSON object of strings).
 * Variables that are set take precedence. Throws ConfigError.
 */
export async function withSecrets(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const { SECRETS_ARN: secretId } = env;
  if (!secretId) return env;
  const given = Object.entries(env).filter(([, value]) => value !== '');
  return { ...parseSecret(secretId, await readSecret(secretId, env)), ...Object.fromEntries(given) };
}

async function readSecret(secretId: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const region = /^arn:[^:]*:secretsmanager:([^:]+):/.exec(secretId)?.[1] ?? (env.AWS_REGION || 'us-east-1');
  const endpoint = env.SECRETS_MANAGER_ENDPOINT;
  const client = new SecretsManagerClient({
    region,
    ...(endpoint ? { endpoint } : {}),
    requestHandler: { connectionTimeout: 2000, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
  });
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString;
  } catch (error) {
    const { name, message } = error as Error;
    throw new ConfigError(`SECRETS_ARN: the secret ${secretId} cannot be read: ${name}: ${message}`, {
      cause: error,
    });
  } finally {
    client.destroy();
  }
}

/** Names the mistake without quoting the secret. */
function parseSecret(secretId: string, text: string | undefined): Record<string, string> {
  const refuse = (why: string) => new ConfigError(`SECRETS_ARN: the secret ${secretId} ${why}`);
  let secret: unknown;
  try {
    secret = JSON.parse(text ?? '');
  } catch {
    throw refuse('is not JSON');
  }
  if (typeof secret !== 'object' || secret === null || Array.isArray(secret)) {
    throw refuse('is not a JSON object of environment variables');
  }
  const odd = Object.entries(secret).find(([, value]) => typeof value !== 'string');
  if (odd) throw refuse(`has a variable that is not a string: ${odd[0]}`);
  return secret as Record<string, string>;
}
