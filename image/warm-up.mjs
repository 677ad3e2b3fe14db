// Fills the compile cache that the image brings: starts a function's bundle and has it answer, as far as it can without AWS,
// so that what a cold start needs is compiled already (docs/decisions/0018).
//   NODE_COMPILE_CACHE=… node warm-up.mjs <bundle> [path to ask for]…
import { flushCompileCache } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';

const nowhere = 'http://127.0.0.1:9';
const environment = {
  LOG_LEVEL: 'silent',
  AWS_LAMBDA_FUNCTION_NAME: 'paperlift',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  PUBLIC_URL: 'http://localhost',
  SESSION_SECRET: 'nothing is ever signed with this one',
  S3_ENDPOINT: nowhere,
  S3_BUCKET: 'none',
  DYNAMODB_ENDPOINT: nowhere,
  DYNAMODB_TABLE: 'none',
  SQS_ENDPOINT: nowhere,
  PAGES_QUEUE_URL: `${nowhere}/0/pages`,
  EXPORTS_QUEUE_URL: `${nowhere}/0/exports`,
  TEXTRACT_ENDPOINT: nowhere,
  SAML_IDP_ISSUER: 'none',
  SAML_ENTRY_POINT: `${nowhere}/sso`,
  // nobody's: its key was thrown away
  SAML_IDP_CERTIFICATE:
    'MIIBdTCCARugAwIBAgIUMva8n8FIQF4PLSKFchbtKuZh2ZYwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEbm9uZTAgFw0yNjExMjIwMjE3MDBaGA8yMTI2MTAyOTAyMTcwMFowDzENMAsGA1UEAwwEbm9uZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIx5oFlH8B8fEukaY8jK0c3JeaCYOHVi8y/Ihd0C6Ik48gyGmyb0ZJ07nCC3h6YqnyzgTBSH9n2OcfdkDsQDoiujUzBRMB0GA1UdDgQWBBTXGTBt1xrtGwCF0WnsXQniqKyJtzAfBgNVHSMEGDAWgBTXGTBt1xrtGwCF0WnsXQniqKyJtzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQC7bi89ZL3pU6NNiG0Eo98Nk5+cfigTkPb+WwNOgsIPaQIgRKp/60M6KpDVJTIm6hOmzxXkKEOgv78SN7tJY6EoII4=',
};
// biome-ignore lint/style/noProcessEnv: it sets what the bundle reads
Object.assign(process.env, environment);

const [bundle, ...paths] = process.argv.slice(2);
const { handler } = await import(new URL(`./dist/${bundle}.mjs`, import.meta.url).href);
for (const rawPath of paths) {
  const http = { method: 'GET', path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' };
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: { host: 'localhost' },
    requestContext: { http, domainName: 'localhost', stage: '$default', requestId: 'none' },
    isBase64Encoded: false,
  };
  const answer = handler(event, { awsRequestId: 'none', getRemainingTimeInMillis: () => 10_000 });
  const { statusCode } = await Promise.race([answer, delay(10_000, {})]);
  process.stdout.write(`${bundle} ${rawPath} ${statusCode}\n`);
}
flushCompileCache();
process.exit(0);
