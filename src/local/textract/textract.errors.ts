// Textract's errors, by its own names and statuses:
// https://docs.aws.amazon.com/textract/latest/dg/API_DetectDocumentText.html#API_DetectDocumentText_Errors
const statuses = {
  AccessDeniedException: 400,
  BadDocumentException: 400,
  DocumentTooLargeException: 400,
  InternalServerError: 500,
  InvalidParameterException: 400,
  InvalidS3ObjectException: 400,
  MissingAuthenticationTokenException: 400,
  ProvisionedThroughputExceededException: 400,
  SerializationException: 400,
  ThrottlingException: 500,
  UnknownOperationException: 400,
  UnsupportedDocumentException: 400,
};

export type TextractErrorName = keyof typeof statuses;

/** An error that the caller gets to see, as Textract would put it. */
export class TextractError extends Error {
  override name: TextractErrorName;
  readonly status: number;

  constructor(name: TextractErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
    this.status = statuses[name];
  }
}
