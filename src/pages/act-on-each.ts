import pMap from 'p-map';

const concurrency = 8;

/** Acts on a few things at a time, and starts no more once one has failed. Returns the results in order. */
export const actOnEach = <T, R>(things: T[], act: (thing: T, index: number) => Promise<R>): Promise<R[]> =>
  pMap(things, act, { concurrency });
