// Reads an identity provider's metadata (saml-metadata 2.4).
import { attributeOf, childrenOf, everythingIn, isNamed, parseXml, textOf } from './xml.ts';

const redirect = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';

export interface ProviderMetadata {
  entryPoint: string;
  /** Signing certificates, base64. */
  certificates: string[];
  logoutUrl: string | undefined;
}

/** Reads the entity with that id, alone or among others. Throws an Error that names what is missing. */
export async function readProviderMetadata(xml: string, entityId: string): Promise<ProviderMetadata> {
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw new Error('the metadata declares a document type');
  const entity = everythingIn(await parseXml(xml)).find(
    (element) =>
      isNamed(element, 'metadata', 'EntityDescriptor') && attributeOf(element, 'entityID') === entityId,
  );
  if (!entity) throw new Error(`the metadata does not contain the entity ${entityId}`);
  const validUntil = attributeOf(entity, 'validUntil');
  if (validUntil && !(Date.parse(validUntil) > Date.now())) {
    throw new Error(`the metadata expired at ${validUntil}`);
  }
  const roles = childrenOf(entity, 'metadata', 'IDPSSODescriptor');
  const services = (name: string, binding: string) =>
    roles
      .flatMap((role) => childrenOf(role, 'metadata', name))
      .find((service) => attributeOf(service, 'Binding') === binding);
  const entryPoint = attributeOf(services('SingleSignOnService', redirect), 'Location');
  if (!entryPoint || !/^https?:\/\//.test(entryPoint)) {
    throw new Error('the metadata has no SingleSignOnService with the HTTP-Redirect binding');
  }
  const certificates = roles
    .flatMap((role) => childrenOf(role, 'metadata', 'KeyDescriptor'))
    .filter((key) => attributeOf(key, 'use') !== 'encryption') // no use: for both (2.4.1.1)
    .flatMap((key) => everythingIn(key).filter((element) => isNamed(element, 'signature', 'X509Certificate')))
    .map((element) => textOf(element).replace(/\s+/g, ''));
  if (certificates.length === 0) throw new Error('the metadata has no signing certificate');
  return {
    entryPoint,
    certificates: [...new Set(certificates)],
    logoutUrl: attributeOf(services('SingleLogoutService', post), 'Location'),
  };
}
