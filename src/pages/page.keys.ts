// Keys of a page's objects in S3. Keys of results contain revision and attempt, so that no worker overwrites
// another's.
import { projectPrefix } from '../projects/project.ts';

interface PageAddress {
  projectId: string;
  id: string;
}

const pagePrefix = ({ projectId, id }: PageAddress) => `${projectPrefix(projectId)}pages/${id}/`;

export const pageKeys = {
  all: pagePrefix,
  /** An uploaded file, which never changes. A replacement has an id of its own. */
  original: (page: PageAddress, uploadId: string) => `${pagePrefix(page)}originals/${uploadId}`,
  /** A page's own text, beside the original that was drawn with it. */
  ownText: (page: PageAddress, uploadId: string) => `${pagePrefix(page)}originals/${uploadId}.text.json`,
  revision: (page: PageAddress, revision: number) => `${pagePrefix(page)}r${revision}/`,
  attempt: (page: PageAddress & { revision: number }, attempt: number) =>
    `${pagePrefix(page)}r${page.revision}/a${attempt}/`,
  /** The rotated copy of a prepared image (`…/image.jpg`): `…/image-90.jpg`. */
  turned: (preparedKey: string, degrees: number) => preparedKey.replace(/(?=\.jpg$)/, `-${degrees}`),
};
