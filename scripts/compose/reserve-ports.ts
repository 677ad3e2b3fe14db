import { createServer } from 'node:net';

/** A port of the loopback address for each of these, different ones, that nobody has at the moment. */
export async function reservePorts(wanted: number[]): Promise<Map<number, number>> {
  const servers = await Promise.all(
    wanted.map(async (port) => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { port, server };
    }),
  );
  const ports = servers.map(({ port, server }): [number, number] => {
    const address = server.address() as { port: number };
    return [port, address.port];
  });
  await Promise.all(servers.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return new Map(ports);
}
