import assert from 'node:assert/strict';
import { verify, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import request from 'supertest';
import { generateSigningKey } from '../../src/local/identity-provider/signing-key.ts';
import { startPaperlift } from '../support/paperlift.ts';

test('with a key, sign-in requests are signed in the bytes that are sent (saml-bindings 3.4.4.1)', async () => {
  const key = await generateSigningKey();
  const paperlift = await startPaperlift({
    env: { SAML_SP_PRIVATE_KEY: key.privateKey, SAML_SP_CERTIFICATE: key.certificate },
  });
  try {
    // of these, URLs and query strings are encoded differently
    for (const path of ['/', "/projects/x?q=it's+(1)!~*-._%20ü%C3%BC&a=b"]) {
      const login = await request(paperlift.url).get(`/auth/login?returnTo=${encodeURIComponent(path)}`);
      const query = new URL(login.headers.location as string).search.slice(1);
      const [signed = '', signature = ''] = query.split('&Signature=');
      assert.match(signed, /^SAMLRequest=[^&]+&RelayState=[^&]+&SigAlg=[^&]+rsa-sha256$/);
      const { publicKey } = new X509Certificate(key.certificate);
      const bytes = Buffer.from(decodeURIComponent(signature), 'base64');
      assert.ok(verify('sha256', Buffer.from(signed), publicKey, bytes), path);
    }
    const metadata = await request(paperlift.url).get('/auth/saml/metadata');
    assert.match(metadata.text, /AuthnRequestsSigned="true"/);
  } finally {
    await paperlift.stop();
  }
});
