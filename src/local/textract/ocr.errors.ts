// What can go wrong between a document's bytes and its text.

/** The image is broken: reading it again will not help. */
export class UnreadableDocumentError extends Error {
  override name = 'UnreadableDocumentError';
}

/** Too many documents wait: try again later. */
export class OcrBusyError extends Error {
  override name = 'OcrBusyError';
}

/** The engine died or hung on the document. */
export class OcrFailedError extends Error {
  override name = 'OcrFailedError';
}
