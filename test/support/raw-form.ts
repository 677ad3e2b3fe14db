// Multipart forms that no browser sends, written byte by byte to a socket.
import { connect } from 'node:net';

interface Part {
  name: string;
  fileName?: string;
  type?: string;
  body: string | Buffer;
}

const boundary = 'paperlift-test-boundary';

export function buildForm(parts: Part[]): Buffer {
  const head = ({ name, fileName, type }: Part) =>
    [
      `--${boundary}`,
      `Content-Disposition: form-data; name="${name}"${fileName === undefined ? '' : `; filename="${fileName}"`}`,
      ...(type ? [`Content-Type: ${type}`] : []),
      '',
      '',
    ].join('\r\n');
  return Buffer.concat([
    ...parts.flatMap((part) => [Buffer.from(head(part)), Buffer.from(part.body), Buffer.from('\r\n')]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
}

/** Opens a connection and sends a form's headers. The caller sends the body, or a part of it. */
export async function openForm(
  url: string,
  path: string,
  { cookie, length, headers = {} }: { cookie: string; length: number; headers?: Record<string, string> },
) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  const all = {
    Host: `${hostname}:${port}`,
    Cookie: cookie,
    'Content-Type': `multipart/form-data; boundary=${boundary}`,
    'Content-Length': String(length),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  return { socket, answer: () => answer };
}
