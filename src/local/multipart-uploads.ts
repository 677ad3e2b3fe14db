// Lists multipart uploads in progress. fauxqs answers with the bucket's objects instead, which would hide leftovers.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
import type { BuildAppOptions, buildApp } from 'fauxqs';

type S3Store = NonNullable<NonNullable<BuildAppOptions['stores']>['s3Store']>;

/** Private in the store. */
interface Uploads {
  multipartUploads: Map<string, { bucket: string; key: string; uploadId: string }>;
}

export function listMultipartUploads(app: ReturnType<typeof buildApp>, s3Store: S3Store) {
  app.addHook('onRequest', async (request, reply) => {
    const [path = '', query = ''] = request.url.split('?');
    const [, bucket = '', key = ''] = path.split('/');
    if (request.method !== 'GET' || key !== '' || !new URLSearchParams(query).has('uploads')) return;
    const { multipartUploads } = s3Store as unknown as Uploads;
    const uploads = [...multipartUploads.values()].filter((upload) => upload.bucket === bucket);
    const listed = uploads.map(
      (upload) => `<Upload><Key>${upload.key}</Key><UploadId>${upload.uploadId}</UploadId></Upload>`,
    );
    return reply
      .type('application/xml')
      .send(`<ListMultipartUploadsResult>${listed.join('')}</ListMultipartUploadsResult>`);
  });
}
