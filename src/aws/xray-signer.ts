// Signatures for X-Ray's own OTLP endpoint, which takes traces where no collector can run, as on Lambda.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
import { createHash, createHmac } from 'node:crypto';
import type { SignRequest } from '../runtime/trace-settings.ts';

const endpoint = /^xray\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/;

/** `undefined` for any other address: collectors take requests without AWS's signature. */
export async function createXRaySigner(url: string): Promise<SignRequest | undefined> {
  const { hostname, pathname, protocol } = new URL(url);
  const region = protocol === 'https:' ? endpoint.exec(hostname)?.[1] : undefined;
  if (!region) return undefined;
  const [{ SignatureV4 }, { defaultProvider }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('@aws-sdk/credential-provider-node'),
  ]);
  const signer = new SignatureV4({
    service: 'xray',
    region,
    credentials: defaultProvider(),
    sha256: Sha256,
  });
  return async ({ headers, body }) => {
    const signed = await signer.sign({
      method: 'POST',
      protocol,
      hostname,
      path: pathname,
      headers: { ...headers, host: hostname },
      body,
    });
    const { host: _, ...others } = signed.headers; // which fetch sets itself
    return others;
  };
}

/** Node's own, in the shape that the signer asks for. */
class Sha256 {
  #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac('sha256', secret as string | NodeJS.ArrayBufferView);
  }

  update(data: Uint8Array) {
    this.#hash.update(data);
  }

  async digest() {
    return new Uint8Array(this.#hash.digest());
  }

  reset() {
    throw new Error('Not used: the signer makes a new one each time');
  }
}
