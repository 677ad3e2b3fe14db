// The user pool's pre-token-generation trigger (V2) as a Lambda function: an event in, the event with groups out.
import './runtime/node-version.ts';
import { overrideGroups } from './auth/pre-token.ts';
import { withSecrets } from './aws/secrets.ts';
import { loadPreTokenConfig } from './config/pre-token.config.ts';

const config = loadPreTokenConfig(await withSecrets(process.env));

export const handler = async (event: unknown) => overrideGroups(event, config);
