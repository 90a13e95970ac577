import { BlockList, isIP } from 'node:net';

/** The networks of proxies in front of the gateway, whose word about the client is taken. */
export class TrustedPeers {
  readonly #networks: BlockList = new BlockList();
  readonly #none: boolean;

  /** `networks` in CIDR notation, validated by the configuration's schema; a bare address is that address alone. */
  constructor(networks: readonly string[]) {
    this.#none = networks.length === 0;
    for (const network of networks) {
      const [address = '', prefix] = network.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (prefix === undefined) this.#networks.addAddress(address, family);
      else this.#networks.addSubnet(address, Number(prefix), family);
    }
  }

  has(address: string): boolean {
    return !this.#none && this.#networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
}
