/**
 * Calls an operation of a stand-in through AWS's JSON protocol. Stand-ins check no signature, so one header replaces
 * the SDK's. Throws an Error whose `name` is AWS's error name.
 */
export async function callStandIn<Answer>(options: {
  endpoint: string;
  target: string;
  version: '1.0' | '1.1';
  input: object;
}): Promise<Answer> {
  const response = await fetch(options.endpoint, {
    method: 'POST',
    headers: {
      'content-type': `application/x-amz-json-${options.version}`,
      'x-amz-target': options.target,
      'x-amz-date': new Date().toISOString(),
      authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=local',
    },
    body: JSON.stringify(options.input),
  });
  const answer = await response.json();
  if (response.ok) return answer as Answer;
  const error = new Error(answer.message ?? `${options.target} failed with status ${response.status}`);
  error.name = String(answer.__type ?? 'UnknownError')
    .split('#')
    .at(-1) as string;
  throw error;
}
