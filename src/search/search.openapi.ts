// Search in the API's description.
import { answer, limit, operation } from '../http/openapi.ts';
import { searchAnswer } from './search.api.ts';

export const searchOpenApi = {
  schemas: { SearchResult: searchAnswer },
  paths: {
    '/search': {
      get: operation(
        'search',
        'Search for pages and projects that contain all of these words or words that start with them, newest first, or with OpenSearch the best first, also with typing errors and in other forms. Quotation marks ask for a phrase, `file:` and `project:` for words in names. `isCut` is true if a word occurs on too many pages to search all of them. While search is not available: 503 `search-unavailable`.',
        {
          200: answer(
            'Results, each with its best matching line. Pass `cursor` to get the next page.',
            'SearchResult',
          ),
        },
        {
          parameters: [
            { name: 'q', in: 'query', schema: { type: 'string' } },
            { name: 'cursor', in: 'query', schema: { type: 'string' } },
            limit,
            {
              name: 'scope',
              in: 'query',
              schema: { type: 'string', enum: ['mine', 'all'], default: 'mine' },
            },
          ],
        },
      ),
    },
  },
};
