// Everything that is not the main job (keyboard.test.ts) by somebody who has no pointer.
import { after, before, describe, it } from 'node:test';
import * as capture from './keyboard-capture.checks.ts';
import * as people from './keyboard-people.checks.ts';
import * as projects from './keyboard-projects.checks.ts';
import * as review from './keyboard-review.checks.ts';
import { openSite, type Site } from './site.ts';

const checks: [string, (site: Site) => Promise<void>][] = [
  ['takes pages with a phone, from the link to the last photograph', capture.takesPagesByPhone],
  ['takes pages with the camera while pages come, and from a folder', capture.takesPagesByCameraAndFolder],
  ['pastes a page', capture.pastesAPage],
  [
    'sends again what did not arrive, one by one and all at once, or dismisses it',
    capture.sendsAgainWhatDidNotArrive,
  ],
  ['stops what is under way', capture.stopsWhatIsUnderWay],
  ['adds pages without script', capture.usesThePlainForm],
  ['reads again what failed, one page and all of them', projects.readsAgainWhatFailed],
  ['removes a file that could not be split', projects.removesAFileThatCouldNotBeSplit],
  ['rotates, moves and deletes what is chosen', projects.rotatesMovesAndDeletesWhatIsChosen],
  [
    'makes exports of every format, opens them, downloads them and makes them anew',
    projects.makesOpensAndDownloadsExports,
  ],
  ['finds, sorts and goes through the projects', projects.goesThroughTheList],
  ['sizes, moves and turns the image of a page', review.sizesAndTurnsTheImage],
  [
    'corrects words and takes it back by the buttons, and marks the page',
    review.correctsAndTakesBackByButtons,
  ],
  ['chooses between two versions of a line', review.choosesBetweenTwoVersions],
  ['saves what could not be saved', review.savesWhatCouldNotBeSaved],
  [
    'reads a failed page again, and chooses between image and text on a telephone',
    review.readsAFailedPageAgain,
  ],
  ['ends sessions, one and all', people.endsSessions],
  ['finds the way out of having no access, and of an address that is none', people.findsTheWayOut],
  ['signs people out, closes and opens their access', people.administersPeople],
  ['creates a service account, copies its secret and revokes it', people.managesServiceAccounts],
  ['connects the directory', people.connectsTheDirectory],
  ['asks the sign-in doctor', people.asksTheSignInDoctor],
  ['reads audit trails, takes them away, and searches everybody’s text', people.readsTrails],
];

describe('by keyboard alone, one', () => {
  let site: Site;
  before(async () => {
    site = await openSite({ worker: true, camera: true });
  });
  after(() => site?.stop());

  for (const [name, check] of checks) it(name, () => check(site));
});
