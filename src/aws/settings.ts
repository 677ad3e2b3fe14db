/** Where the AWS services are. Without an endpoint the SDK calls AWS itself. */
export interface AwsSettings {
  region: string;
  s3: {
    endpoint?: string | undefined;
    /** The endpoint as browsers reach it. */
    publicEndpoint?: string | undefined;
    bucket: string;
  };
  dynamodb: { endpoint?: string | undefined; table: string };
  sqs: { endpoint?: string | undefined; pagesQueueUrl: string; exportsQueueUrl: string };
  textract: { endpoint?: string | undefined; timeoutMs: number };
  rekognition: { endpoint?: string | undefined };
  eventBridge: { endpoint?: string | undefined; busName?: string | undefined };
  translate: { endpoint?: string | undefined };
}
