// Where the items of a project lie. What its page shows is one range of sort keys, which one query reads; the rest comes
// after it (docs/decisions/0047).

/** All items of a project lie in this partition. */
export const projectPartition = (projectId: string) => `PROJECT#${projectId}`;

/**
 * `EXPORT#…`, `IMPORT#…`, `NAME`, `PAGE#…`, `PROJECT` and `SUMMARY`. Beyond it lie `TEXT#…` (the pages' texts), `UPLOAD#…`
 * and `WANTED#…` (which export answers a request).
 */
export const shownKeys = { first: 'EXPORT#', last: 'SUMMARY' };
