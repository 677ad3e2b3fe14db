import { describeEngine } from './engine-contract.ts';

describeEngine('the embedded engine', {});
