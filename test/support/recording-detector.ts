// A text detector that records the languages in the metadata of each image, which Paperlift's own server reads.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { blocksOf } from './textract-stub.ts';

/** `lines` are those of every page; `s3` is the endpoint of the bucket, once it is known. */
export async function startRecordingDetector(lines: () => string[]) {
  const languages: (string | undefined)[] = [];
  let endpoint = '';
  const server = createServer(async (request, response) => {
    const { Document } = JSON.parse((await buffer(request)).toString('utf8'));
    const { Bucket, Name: Key } = Document.S3Object;
    const s3 = new S3Client({ endpoint, forcePathStyle: true, region: 'us-east-1' });
    const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    s3.destroy();
    languages.push(Metadata?.languages);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ DocumentMetadata: { Pages: 1 }, Blocks: blocksOf(lines()) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The languages of each image, in the order of the calls. */
    languages,
    setEndpoint: (s3: string) => {
      endpoint = s3;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
