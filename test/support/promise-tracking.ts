// Node's test runner follows every promise of the app, to tell which test an error that nobody caught belongs to: 17 %
// of the suite's processor time (measured). It needs that only while the files of a batch are loaded one after another.
// Such an error fails the run all the same, but is reported for the batch instead of the test.
import hooks from 'node:async_hooks';

const { createHook } = hooks;
const trackers: { stop(): void }[] = [];

hooks.createHook = (callbacks) => {
  const tracking = createHook(callbacks);
  trackers.push({
    stop() {
      createHook({ ...callbacks, trackPromises: false }).enable();
      tracking.disable();
    },
  });
  return tracking;
};

export function stopTrackingPromises() {
  for (const tracker of trackers) tracker.stop();
}
