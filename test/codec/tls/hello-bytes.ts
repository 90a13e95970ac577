/** Builds hellos and records octet by octet, so that tests do not read with what they wrote. */

export function uint16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

export function uint24(value: number): number[] {
  return [value >> 16, (value >> 8) & 0xff, value & 0xff];
}

export function vector8(content: readonly number[]): number[] {
  return [content.length, ...content];
}

export function vector16(content: readonly number[]): number[] {
  return [...uint16(content.length), ...content];
}

export function ascii(text: string): number[] {
  return [...Buffer.from(text, 'latin1')];
}

export function extension(type: number, content: readonly number[]): number[] {
  return [...uint16(type), ...vector16(content)];
}

export function serverNameExtension(name: string): number[] {
  return extension(0, vector16([0, ...vector16(ascii(name))]));
}

export interface HelloParts {
  readonly version?: number;
  readonly sessionId?: readonly number[];
  readonly suites?: readonly number[];
  readonly compression?: readonly number[];
  /** Each already encoded with its type and length; undefined leaves the whole list out. */
  readonly extensions?: readonly (readonly number[])[] | undefined;
}

/** A ClientHello message with its handshake header. */
export function clientHello(parts: HelloParts = {}): Uint8Array {
  const { version = 0x0303, sessionId = [], suites = [0x1301, 0xc02b], compression = [0] } = parts;
  const random = Array.from({ length: 32 }, (_, index) => index);
  const body = [
    ...uint16(version),
    ...random,
    ...vector8(sessionId),
    ...vector16(suites.flatMap(uint16)),
    ...vector8(compression),
    ...(parts.extensions === undefined ? [] : vector16(parts.extensions.flat())),
  ];
  return Uint8Array.from([1, ...uint24(body.length), ...body]);
}

/** A message in handshake records of at most `fragmentLength` octets each. */
export function handshakeRecords(message: Uint8Array, fragmentLength = 16_384): Uint8Array {
  const octets: number[] = [];
  for (let at = 0; at < message.length; at += fragmentLength) {
    const fragment = message.subarray(at, at + fragmentLength);
    octets.push(22, 3, 1, ...uint16(fragment.length), ...fragment);
  }
  return Uint8Array.from(octets);
}

/** A hello as large as post-quantum key shares make them, with every extension that the codec decodes. */
export function fullHello(keyShareLength = 1_216): Uint8Array {
  return clientHello({
    sessionId: Array.from({ length: 32 }, () => 7),
    suites: [0x2a2a, 0x1301, 0x1302, 0xc02b, 0xc02f],
    extensions: [
      extension(0x1a1a, []),
      serverNameExtension('App.Example.COM'),
      extension(5, [1, 0, 0, 0, 0]),
      extension(10, vector16([0x11ec, 0x001d, 0x0017].flatMap(uint16))),
      extension(13, vector16([0x0403, 0x0804, 0x0401].flatMap(uint16))),
      extension(16, vector16([...vector8(ascii('h2')), ...vector8(ascii('http/1.1'))])),
      extension(23, []),
      extension(27, vector8(uint16(2))),
      extension(35, ascii('0123456789abcdef and the rest of a ticket')),
      extension(42, []),
      extension(43, vector8([0x0304, 0x0303].flatMap(uint16))),
      extension(45, vector8([1])),
      extension(51, vector16([...uint16(0x11ec), ...vector16(Array.from({ length: keyShareLength }, () => 5))])),
      extension(0xfe0d, [0, 1, 2, 3]),
      extension(0xff01, [0]),
      extension(41, [
        ...vector16([...vector16(ascii('fedcba9876543210 identity')), 0, 0, 1, 2]),
        ...vector16(vector8(Array.from({ length: 32 }, () => 9))),
      ]),
    ],
  });
}
