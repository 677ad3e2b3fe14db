/** The sign-in request is invalid or not for this identity provider. The message is for the person. */
export class AuthnRequestError extends Error {
  override name = 'AuthnRequestError';
}
