// Paperlift's own metadata (saml-metadata 2.4.4), for operators of identity providers.
import type { Config } from '../../config/config.ts';

interface SpMetadata {
  spEntityId: string;
  acsUrl: string;
  /** PEM or base64: the certificates for encrypting to Paperlift. */
  encryptionCertificates: string[];
  /** Where providers post logout messages, and the certificate of Paperlift's own: PEM. */
  logout?: { url: string; certificate: string } | undefined;
  wantAssertionsSigned: boolean;
}

/** Metadata that serves every configured provider. */
export function presentOwnMetadata(saml: Config['saml']): string {
  const { spEntityId, acsUrl, sloUrl, signing, providers } = saml;
  return presentSpMetadata({
    spEntityId,
    acsUrl,
    encryptionCertificates: providers.flatMap(({ decryptionCertificate }) => decryptionCertificate ?? []),
    logout: signing && { url: sloUrl, certificate: signing.certificate },
    wantAssertionsSigned: providers.some(({ wantAssertionSigned }) => wantAssertionSigned),
  });
}

function presentSpMetadata(site: SpMetadata): string {
  const { logout } = site;
  const signing = logout
    ? `
    <md:KeyDescriptor use="signing">
      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${logout.certificate.replace(/-----[^-]+-----|\s/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
    </md:KeyDescriptor>`
    : '';
  const service = logout
    ? `
    <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${escapeXml(logout.url)}"/>`
    : '';
  const keys = site.encryptionCertificates.map(
    (certificate) => `
    <md:KeyDescriptor use="encryption">
      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate.replace(/-----[^-]+-----|\s/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
      <md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>
      <md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"/>
      <md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>
    </md:KeyDescriptor>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${escapeXml(site.spEntityId)}">
  <md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" AuthnRequestsSigned="${logout !== undefined}" WantAssertionsSigned="${site.wantAssertionsSigned}">${signing}${keys.join('')}${service}
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
    <md:AssertionConsumerService index="0" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${escapeXml(site.acsUrl)}"/>
  </md:SPSSODescriptor>
</md:EntityDescriptor>
`;
}

export const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
