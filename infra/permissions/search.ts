import type { Statement } from './grant.ts';

/** The methods of HTTP that search, write and rebuild an index. */
export const searchActions = ['es:ESHttpDelete', 'es:ESHttpGet', 'es:ESHttpPost', 'es:ESHttpPut'];

/** Of both processes, where the deployment has a domain of Amazon OpenSearch Service. */
export function searchStatements(domainArn: string): Statement[] {
  return [
    {
      sid: 'UseSearch',
      actions: searchActions,
      resources: [`${domainArn}/*`],
      why: 'searches, writes the texts that change, and builds the index',
      wildcard: {
        findings: [`Resource::${domainArn}/*`],
        reason: 'Paths of one domain, which holds Paperlift’s indexes alone; a bulk request names none.',
      },
    },
  ];
}
