import { ascii, clientHello, extension, fullHello, uint16, uint24, vector16, vector8 } from '../hello-bytes.ts';

/** Handshake messages written octet by octet, with the context in which each is read. */

export const uint32 = (value: number): number[] => [...uint16(value >>> 16), ...uint16(value & 0xffff)];
export const vector24 = (content: readonly number[]): number[] => [...uint24(content.length), ...content];
export const run = (length: number, octet: number): number[] => Array.from({ length }, () => octet);
export const message = (type: number, body: readonly number[]): Uint8Array =>
  Uint8Array.from([type, ...vector24(body)]);

export const TLS12 = 0x0303;
export const TLS13 = 0x0304;
export const ECDHE_RSA = 0xc02f;
export const DHE_RSA = 0x009e;
export const RSA = 0x009c;
export const ECDHE_PSK = 0xc035;
export const ECDH_ANON = 0xc018;

const sct = [
  0,
  ...run(32, 0xaa),
  ...uint32(0x018c),
  ...uint32(0x251f0400),
  ...vector16([]),
  4,
  3,
  ...vector16(run(70, 0x30)),
];
export const sctList = vector16(vector16(sct));

const serverHello = (suite: number, extensions: readonly (readonly number[])[]): Uint8Array =>
  message(2, [
    ...uint16(0x0303),
    ...run(32, 1),
    ...vector8(run(32, 7)),
    ...uint16(suite),
    0,
    ...vector16(extensions.flat()),
  ]);

export interface Sample {
  readonly name: string;
  readonly octets: Uint8Array;
  readonly version: number;
  readonly cipherSuite: number;
  readonly kind: string;
}

const of = (name: string, kind: string, octets: Uint8Array, version = TLS13, cipherSuite = 0x1301): Sample => ({
  name,
  kind,
  octets,
  version,
  cipherSuite,
});

const unusualHello = clientHello({
  extensions: [
    extension(1, [2]),
    extension(5, [1, ...vector16([]), ...vector16([])]),
    extension(11, vector8([0, 1, 2])),
    extension(14, [...vector16([0, 1]), ...vector8([9])]),
    extension(15, [1]),
    extension(17, vector16([1, ...vector16([0, 0, 0, 0])])),
    extension(18, []),
    extension(19, vector8([2, 0])),
    extension(20, vector8([0])),
    extension(21, run(9, 0)),
    extension(22, []),
    extension(28, uint16(16_385)),
    extension(34, vector16(uint16(0x0403))),
    extension(44, vector16(run(12, 3))),
    extension(47, vector16(vector16([0x30, 0]))),
    extension(49, []),
    extension(50, vector16(uint16(0x0804))),
    extension(58, [2, 1]),
    extension(13_172, []),
    extension(17_613, vector16(vector8(ascii('h2')))),
    extension(0xfe0d, [0, ...uint16(1), ...uint16(1), 77, ...vector16(run(32, 5)), ...vector16(run(40, 6))]),
    extension(0x1a1a, [0]),
    extension(0x7777, [1, 2, 3]),
  ],
});

export const samples: readonly Sample[] = [
  of('ClientHello', 'client-hello', fullHello(40)),
  of('ClientHello of rarer extensions', 'client-hello', unusualHello),
  of(
    'ServerHello 1.3',
    'server-hello',
    serverHello(0x1301, [
      extension(43, uint16(TLS13)),
      extension(51, [...uint16(0x001d), ...vector16(run(32, 4))]),
      extension(41, uint16(0)),
    ]),
  ),
  of(
    'ServerHello 1.2',
    'server-hello',
    serverHello(ECDHE_RSA, [
      extension(0, []),
      extension(0xff01, vector8([])),
      extension(11, vector8([0])),
      extension(35, []),
      extension(16, vector16(vector8(ascii('h2')))),
      extension(18, sctList),
      extension(22, []),
      extension(23, []),
      extension(13_172, [...vector8(ascii('spdy/3')), ...vector8(ascii('http/1.1'))]),
    ]),
    TLS12,
    ECDHE_RSA,
  ),
  of(
    'EncryptedExtensions',
    'encrypted-extensions',
    message(
      8,
      vector16([
        ...extension(16, vector16(vector8(ascii('h2')))),
        ...extension(10, vector16(uint16(0x001d))),
        ...extension(0xfe0d, run(8, 1)),
        ...extension(42, []),
        ...extension(58, [1]),
      ]),
    ),
  ),
  of(
    'Certificate 1.3',
    'certificate',
    message(11, [
      ...vector8([]),
      ...vector24([
        ...vector24(run(20, 0x30)),
        ...vector16([...extension(5, [1, ...vector24(run(9, 0x30))]), ...extension(18, sctList)]),
        ...vector24(run(10, 0x31)),
        ...vector16([]),
      ]),
    ]),
  ),
  of(
    'Certificate 1.2',
    'certificate',
    message(11, vector24([...vector24(run(20, 0x30)), ...vector24(run(10, 0x31))])),
    TLS12,
  ),
  of(
    'CompressedCertificate',
    'compressed-certificate',
    message(25, [...uint16(2), ...uint24(100), ...vector24(run(30, 9))]),
  ),
  of('CertificateStatus', 'certificate-status', message(22, [1, ...vector24(run(9, 0x30))]), TLS12),
  of(
    'CertificateStatus, several',
    'certificate-status',
    message(22, [2, ...vector24([...vector24(run(9, 0x30)), ...vector24([])])]),
    TLS12,
  ),
  of(
    'ServerKeyExchange ECDHE',
    'server-key-exchange',
    message(12, [3, ...uint16(0x001d), ...vector8(run(32, 8)), ...uint16(0x0804), ...vector16(run(64, 2))]),
    TLS12,
    ECDHE_RSA,
  ),
  of(
    'ServerKeyExchange DHE',
    'server-key-exchange',
    message(12, [
      ...vector16(run(128, 0xff)),
      ...vector16([2]),
      ...vector16(run(128, 3)),
      ...uint16(0x0401),
      ...vector16(run(64, 2)),
    ]),
    TLS12,
    DHE_RSA,
  ),
  of(
    'ServerKeyExchange ECDHE of TLS 1.1',
    'server-key-exchange',
    message(12, [3, ...uint16(0x0017), ...vector8(run(65, 8)), ...vector16(run(64, 2))]),
    0x0302,
    0xc013,
  ),
  of(
    'ServerKeyExchange anonymous',
    'server-key-exchange',
    message(12, [3, ...uint16(0x0017), ...vector8(run(65, 8))]),
    TLS12,
    ECDH_ANON,
  ),
  of(
    'ServerKeyExchange ECDHE_PSK',
    'server-key-exchange',
    message(12, [...vector16(ascii('hint')), 3, ...uint16(0x0017), ...vector8(run(65, 8))]),
    TLS12,
    ECDHE_PSK,
  ),
  of(
    'CertificateRequest 1.3',
    'certificate-request',
    message(13, [
      ...vector8([1, 2]),
      ...vector16([
        ...extension(50, vector16(uint16(0x0401))),
        ...extension(13, vector16(uint16(0x0403))),
        ...extension(47, vector16(vector16([0x30, 0]))),
        ...extension(48, vector16([...vector8([0x55]), ...vector16([4, 0])])),
      ]),
    ]),
  ),
  of(
    'CertificateRequest 1.2',
    'certificate-request',
    message(13, [...vector8([1, 64]), ...vector16(uint16(0x0403)), ...vector16(vector16([0x30, 0]))]),
    TLS12,
  ),
  of('CertificateRequest 1.0', 'certificate-request', message(13, [...vector8([1]), ...vector16([])]), 0x0301),
  of('ServerHelloDone', 'server-hello-done', message(14, []), TLS12),
  of('HelloRequest', 'hello-request', message(0, []), TLS12),
  of('EndOfEarlyData', 'end-of-early-data', message(5, [])),
  of('ClientKeyExchange RSA', 'client-key-exchange', message(16, vector16(run(64, 1))), TLS12, RSA),
  of('ClientKeyExchange DHE', 'client-key-exchange', message(16, vector16(run(128, 1))), TLS12, DHE_RSA),
  of('ClientKeyExchange ECDHE', 'client-key-exchange', message(16, vector8(run(32, 1))), TLS12, ECDHE_RSA),
  of(
    'ClientKeyExchange ECDHE_PSK',
    'client-key-exchange',
    message(16, [...vector16(ascii('me')), ...vector8(run(65, 1))]),
    TLS12,
    ECDHE_PSK,
  ),
  of('CertificateVerify', 'certificate-verify', message(15, [...uint16(0x0804), ...vector16(run(64, 1))])),
  of('Finished', 'finished', message(20, run(32, 1))),
  of(
    'NewSessionTicket 1.3',
    'new-session-ticket',
    message(4, [
      ...uint32(7_200),
      ...uint32(0xffff_ffff),
      ...vector8([0, 1]),
      ...vector16(run(40, 1)),
      ...vector16(extension(42, uint32(16_384))),
    ]),
  ),
  of('NewSessionTicket 1.2', 'new-session-ticket', message(4, [...uint32(300), ...vector16(run(40, 1))]), TLS12),
  of('KeyUpdate', 'key-update', message(24, [1])),
];
