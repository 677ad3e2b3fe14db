// A local stack with substitutes for web and worker, in a process of its own, so that it can be killed.
import { loadLocalConfig } from '../../../src/local/local.config.ts';
import { createLocalStack } from '../../../src/local/local-stack.ts';

const stack = createLocalStack({
  config: loadLocalConfig(),
  print: () => {},
  textract: false,
  entryPoints: {
    web: new URL('./web.ts', import.meta.url),
    worker: new URL('./worker.ts', import.meta.url),
  },
});
const { publicUrl } = await stack.start();
console.log(publicUrl);
