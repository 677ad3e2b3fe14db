// Answers DetectDocumentText at once with the same words, for tests that need no text detection.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const box = { Left: 0.1, Top: 0.1, Width: 0.3, Height: 0.05 };

/** Textract's blocks for a page with these lines. */
export function blocksOf(lines: string[]) {
  const blocks: Record<string, unknown>[] = [
    { Id: 'page', BlockType: 'PAGE', Geometry: { BoundingBox: box } },
  ];
  lines.forEach((text, index) => {
    const geometry = { BoundingBox: { ...box, Top: 0.1 + index * 0.06 } };
    const words = text.split(' ').map((word, at) => ({
      Id: `word-${index}-${at}`,
      BlockType: 'WORD',
      Text: word,
      Confidence: 97,
      Geometry: geometry,
    }));
    blocks.push(
      {
        Id: `line-${index}`,
        BlockType: 'LINE',
        Text: text,
        Confidence: 97,
        Geometry: geometry,
        Relationships: [{ Type: 'CHILD', Ids: words.map((word) => word.Id) }],
      },
      ...words,
    );
  });
  return blocks;
}

type Blocks = ReturnType<typeof blocksOf>;
export type Answer = () => Blocks | Promise<Blocks>;

/** `blocks` gives the answer to each call; by default always these lines. */
export async function startTextractStub(lines = ['Total 12.50'], blocks: Answer = () => blocksOf(lines)) {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    request.resume().on('end', async () => {
      const Blocks = await blocks();
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ DocumentMetadata: { Pages: 1 }, Blocks }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** How often text was detected. */
    calls: () => calls,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
