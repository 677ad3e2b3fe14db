// The daily allowance of pages in the API's description.
import { answer, operation } from '../http/openapi.ts';
import { allowanceAnswer } from './allowance.api.ts';

export const allowanceOpenApi = {
  schemas: { PageAllowance: allowanceAnswer },
  paths: {
    '/page-allowance': {
      get: operation(
        'getPageAllowance',
        'Get how many pages you can still add today (UTC). Images, pages of PDF and TIFF files, and replaced images count. Beyond the limit, uploads answer 429 with the code `page-limit-reached` and `Retry-After`. Without a limit, the answer is empty.',
        { 200: answer('What is left of today', 'PageAllowance') },
      ),
    },
  },
};
