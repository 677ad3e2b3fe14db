/**
 * The REST API's access log: the status and duration in milliseconds of each phase (firewall, authorization, integration,
 * response).
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
export const accessLog = {
  requestId: '$context.requestId',
  extendedRequestId: '$context.extendedRequestId',
  trace: '$context.xrayTraceId',
  time: '$context.requestTimeEpoch',
  domain: '$context.domainName',
  client: '$context.identity.sourceIp',
  userAgent: '$context.identity.userAgent',
  clientCertificate: '$context.identity.clientCert.subjectDN',
  method: '$context.httpMethod',
  path: '$context.path',
  route: '$context.resourcePath',
  protocol: '$context.protocol',
  status: '$context.status',
  responseLatency: '$context.responseLatency',
  responseLength: '$context.responseLength',
  firewallAnswer: '$context.wafResponseCode',
  firewallStatus: '$context.waf.status',
  firewallLatency: '$context.waf.latency',
  firewallError: '$context.waf.error',
  authorizeStatus: '$context.authorize.status',
  authorizeLatency: '$context.authorize.latency',
  authorizeError: '$context.authorize.error',
  authorizerError: '$context.authorizer.error',
  // "status" is what the function answered, "integrationStatus" what Lambda's service did
  integrationStatus: '$context.integrationStatus',
  integrationFunctionStatus: '$context.integration.status',
  integrationLatency: '$context.integration.latency',
  integrationRequestId: '$context.integration.requestId',
  integrationError: '$context.integration.error',
  error: '$context.error.message',
  errorType: '$context.error.responseType',
};
