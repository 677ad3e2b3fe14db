// The Textract-compatible server alone, as a company's own servers run it, and the memory of all its processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Block, DetectDocumentTextCommand, TextractClient } from '@aws-sdk/client-textract';
import type { Place } from '../src/local/textract/engine/image.ts';
import { waitFor } from '../test/support/wait.ts';
import { findChildren, readProportional } from './process-memory.ts';

const main = join(import.meta.dirname, '../src/local/textract/main.ts');
const sampledEveryMs = 100;

const textTypes = { HANDWRITING: 'handwriting', PRINTED: 'printed' } as const;

export interface DetectedWord {
  text: string;
  confidence: number;
  textType?: (typeof textTypes)[keyof typeof textTypes];
  /** Its middle, in fractions of the page. */
  centre: Place;
}

export async function startTextServer({ workers }: { workers: number }) {
  const server = spawn(process.execPath, [main], {
    env: { ...process.env, TEXTRACT_PORT: '0', TEXTRACT_WORKERS: String(workers) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
  const url = line.split(' ').at(-1) as string;
  await waitFor('the readers', async () => {
    const { ready } = (await (await fetch(`${url}/health`)).json()) as { ready: number };
    return ready === workers || undefined;
  });
  const textract = new TextractClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  let mostMemory = 0;
  const sampling = setInterval(() => {
    const processes = [server.pid as number, ...findChildren(server.pid as number)];
    mostMemory = Math.max(
      mostMemory,
      processes.reduce((sum, pid) => sum + readProportional(pid), 0),
    );
  }, sampledEveryMs);

  return {
    /** A page's lines in reading order, and its words. */
    async detect(page: Uint8Array): Promise<{ lines: string[]; words: DetectedWord[] }> {
      const { Blocks = [] } = await textract.send(
        new DetectDocumentTextCommand({ Document: { Bytes: page } }),
      );
      const blocks = (type: string) => Blocks.filter(({ BlockType }) => BlockType === type);
      return {
        lines: blocks('LINE').map(({ Text = '' }) => Text),
        words: blocks('WORD').map((word) => ({
          text: word.Text ?? '',
          confidence: word.Confidence ?? 0,
          ...(word.TextType && { textType: textTypes[word.TextType] }),
          centre: centreOf(word),
        })),
      };
    },

    /** The peak so far of all its processes together, in MB of 2^20 bytes. */
    mostMemory: () => mostMemory,

    async stop() {
      clearInterval(sampling);
      textract.destroy();
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

export type TextServer = Awaited<ReturnType<typeof startTextServer>>;

function centreOf({ Geometry }: Block): Place {
  const corners = Geometry?.Polygon ?? [];
  const mean = (axis: 'X' | 'Y') =>
    corners.reduce((sum, corner) => sum + (corner[axis] ?? 0), 0) / corners.length;
  return { x: mean('X'), y: mean('Y') };
}
