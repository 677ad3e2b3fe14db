// Where a page's objects lie in S3. The key of a result holds revision and attempt: no worker overwrites another's.
import { projectPrefix } from '../projects/project.ts';

interface PageAddress {
  projectId: string;
  id: string;
}

const pagePrefix = ({ projectId, id }: PageAddress) => `${projectPrefix(projectId)}pages/${id}/`;

export const pageKeys = {
  all: pagePrefix,
  /** Of an upload, which is never changed; a replacement has an id of its own. */
  original: (page: PageAddress, uploadId: string) => `${pagePrefix(page)}originals/${uploadId}`,
  revision: (page: PageAddress, revision: number) => `${pagePrefix(page)}r${revision}/`,
  attempt: (page: PageAddress & { revision: number }, attempt: number) =>
    `${pagePrefix(page)}r${page.revision}/a${attempt}/`,
  /** Of a prepared image (`…/image.jpg`) turned clockwise by so many degrees: `…/image-90.jpg`. */
  turned: (preparedKey: string, degrees: number) => preparedKey.replace(/(?=\.jpg$)/, `-${degrees}`),
};
