// Node's test runner follows every promise and every other asynchronous resource of the app, to tell which test an error
// that nobody caught belongs to: 17 % of the suite's processor time for promises, and 7 % for the rest (measured). It needs
// that only while the files of a batch are loaded one after another. Such an error fails the run all the same, but is
// reported for the batch instead of the test.
import hooks from 'node:async_hooks';

const { createHook } = hooks;
const trackers: hooks.AsyncHook[] = [];

hooks.createHook = (callbacks) => {
  const tracker = createHook(callbacks);
  trackers.push(tracker);
  return tracker;
};

export function stopTracking() {
  for (const tracker of trackers) tracker.disable();
}
