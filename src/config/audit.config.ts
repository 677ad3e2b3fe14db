import { environment, parseVariables } from './environment.ts';

const auditEnvironment = environment.pick({
  AWS_REGION: true,
  DYNAMODB_ENDPOINT: true,
  DYNAMODB_TABLE: true,
});

/** For checking an audit trail: the table. Throws ConfigError. */
export function loadAuditConfig(env: NodeJS.ProcessEnv): AuditConfig {
  const data = parseVariables(auditEnvironment, env);
  return { region: data.AWS_REGION, endpoint: data.DYNAMODB_ENDPOINT, table: data.DYNAMODB_TABLE };
}

export interface AuditConfig {
  region: string;
  endpoint?: string | undefined;
  table: string;
}
