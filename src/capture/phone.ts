// A link that signs a phone in, and a phone that used one.
interface Bound {
  personId: string;
  projectId: string;
  /** The person's count of "sign out everywhere" when the link was created. A different count invalidates it. */
  signOuts: number;
  /** The session that created it. When that ends, the link ends too. */
  sessionHandle: string;
  /** Milliseconds since the epoch. */
  endsAt: number;
}

export interface PhoneLink extends Bound {
  /** When a phone used it. */
  usedAt?: number;
  /** When that phone is signed out unless another page arrives. */
  phoneEndsAt?: number;
  /** Ids of the pages and files that the phone added. A set, because an upload may be repeated. */
  addedIds?: Set<string>;
}

export interface Phone extends Bound {
  /** The id of the link that signed it in. */
  linkId: string;
  /** The phone's final end, however much it is used. */
  lastsUntil: number;
}
