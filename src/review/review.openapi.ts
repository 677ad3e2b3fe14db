// Review in the API's description.
import { answer, body, operation, pageId, projectId } from '../http/openapi.ts';
import { pageChanges } from './review.api.ts';

export const reviewOpenApi = {
  schemas: {},
  paths: {
    '/projects/{projectId}/pages/{pageId}': {
      parameters: [projectId, pageId],
      patch: operation(
        'changePage',
        'Change a page: move it (`number`), rotate it (`rotation`, degrees clockwise; text and polygons rotate along and are not detected again; setting it to `turnedFrom` undoes the rotation that Paperlift made when it found the text on its side or upside down), straighten it (`straightened`, where the page has a `tilt`; image and polygons follow, 409 `no-tilt` otherwise), correct lines (`text: null` restores the original), add lines that were not detected (a line without `id`, or with an `id` of your own made of `m` and a ULID, which is safe to send again; `polygon` says where it is on the image as shown, by default below the other lines), move them (`polygon`) or remove them (`text: null`), accept words (`words`), lines (`lines`) or every unsure word of the page (`accepted: true`, one step that can be undone), mark it as reviewed, or assign its review (`assigneeId`: the owner, or a member who is reviewer or editor; null leaves it to the project’s assignee). If a line no longer matches `seen`, the request fails (409, `line-changed`) and `conflicts` contains its current text. If the image no longer matches `revision`, the request also fails.',
        { 200: answer('The changed page', 'Page') },
        { requestBody: body(pageChanges) },
      ),
    },
  },
};
