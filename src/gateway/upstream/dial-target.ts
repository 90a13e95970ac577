/** Where to connect: an address that needs no further look-up. */
export interface DialTarget {
  readonly protocol: 'http' | 'https' | 'h2c';
  /** IP address, or '' for a unix socket. */
  readonly address: string;
  readonly port: number;
  /** Path of a unix socket, or ''. */
  readonly socketPath: string;
}

export function sameTarget(one: DialTarget, other: DialTarget): boolean {
  return (
    one.address === other.address &&
    one.port === other.port &&
    one.socketPath === other.socketPath &&
    one.protocol === other.protocol
  );
}
