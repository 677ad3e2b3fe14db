/** Waits for all of them. When one fails, stops those that have started, and fails with its error. */
export async function allOrStop<All extends (Promise<unknown> | undefined)[]>(
  stop: () => Promise<void>,
  starting: [...All],
): Promise<{ [Index in keyof All]: Awaited<All[Index]> }> {
  try {
    return await Promise.all(starting);
  } catch (error) {
    await Promise.allSettled(starting);
    await stop();
    throw error;
  }
}
