// Builds the search index: `npx node scripts/index-text.ts` from a checkout, `index-text` in the image.
import '../src/index-text.ts';
