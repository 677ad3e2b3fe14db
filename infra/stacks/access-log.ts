/**
 * The HTTP API's access log: the status and duration in milliseconds of each phase (authorization, integration,
 * response), which are all that HTTP APIs report.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
export const accessLog = {
  requestId: '$context.requestId',
  extendedRequestId: '$context.extendedRequestId',
  time: '$context.requestTimeEpoch',
  domain: '$context.domainName',
  client: '$context.identity.sourceIp',
  userAgent: '$context.identity.userAgent',
  clientCertificate: '$context.identity.clientCert.subjectDN',
  method: '$context.httpMethod',
  path: '$context.path',
  route: '$context.routeKey',
  protocol: '$context.protocol',
  status: '$context.status',
  responseLatency: '$context.responseLatency',
  responseLength: '$context.responseLength',
  dataProcessed: '$context.dataProcessed',
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
