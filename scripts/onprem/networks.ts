// The networks of a Compose file: a bridge each, and for each service a network namespace with an address on its bridges.
// The machine that the check runs on is on every bridge, as with Docker; no packet leaves them.

import type { ComposeFile, Service } from '../compose/compose-file.ts';
import { runCommand } from '../image/command.ts';

const ip = (...args: string[]) => runCommand('ip', args);

/** Makes the bridges and the namespaces. Everything ends with the process's own network namespace. */
export async function createNetworks({ networks, services }: ComposeFile) {
  await ip('link', 'set', 'lo', 'up');
  for (const [index] of networks.entries()) {
    await ip('link', 'add', `net${index}`, 'type', 'bridge');
    await ip('addr', 'add', `172.29.${index}.1/24`, 'dev', `net${index}`);
    await ip('link', 'set', `net${index}`, 'up');
  }
  for (const { name } of services) await attach(name);

  async function attach(name: string): Promise<void> {
    await ip('netns', 'add', name);
    await ip('-n', name, 'link', 'set', 'lo', 'up');
    for (const [index, network] of networks.entries()) {
      const address = addressOf(name, network);
      if (!address) continue;
      const [here, there] = [`v${index}-${numberOf(name)}`, `eth${index}`];
      await ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name);
      await ip('link', 'set', here, 'master', `net${index}`, 'up');
      await ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', there);
      await ip('-n', name, 'link', 'set', there, 'up');
    }
  }

  function numberOf(name: string): number {
    return services.findIndex((service) => service.name === name) + 2;
  }

  function addressOf(name: string, network: string): string | undefined {
    const service = services.find((one) => one.name === name) as Service;
    const index = networks.indexOf(network);
    return service.networks.includes(network) ? `172.29.${index}.${numberOf(name)}` : undefined;
  }

  /** Lines of /etc/hosts with the names of the services on these networks. */
  function namesOn(wanted: string[]): string {
    const lines = ['127.0.0.1 localhost'];
    for (const network of wanted) {
      for (const { name, aliases } of services) {
        const address = addressOf(name, network);
        if (address) lines.push([address, name, ...(aliases[network] ?? [])].join(' '));
      }
    }
    return `${lines.join('\n')}\n`;
  }

  return {
    addressOf,
    /** What a service can resolve. */
    hostsFor: ({ networks }: Service) => namesOn(networks),
    /** What people's machines can resolve: the names that a service has on a network beside its own. */
    publicHosts: () => namesOn(networks),
  };
}

export type Networks = Awaited<ReturnType<typeof createNetworks>>;
