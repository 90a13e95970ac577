import { parseMessage } from '../../../src/codec/dns/parse-message.ts';
import type { Message, RecordData } from '../../../src/codec/dns/record.ts';
import { RecordType } from '../../../src/codec/dns/registry.ts';

/** Octets of hexadecimal text; blanks and line ends only make it readable. */
export const octetsOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/\s+/g, ''), 'hex'));

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The value of a parse that must succeed. */
export function parsed(octets: Uint8Array): Message {
  const result = parseMessage(octets);
  if (!result.ok) throw new Error(`${result.error.problem} in ${result.error.field} at ${result.error.offset}`);
  return result.value;
}

/** One record's data of every type that has a definition, with its type. */
export const everyData: readonly (readonly [type: number, data: RecordData])[] = [
  [RecordType.A, { kind: 'A', address: '192.0.2.1' }],
  [RecordType.AAAA, { kind: 'AAAA', address: '2001:db8::1' }],
  [RecordType.NS, { kind: 'NS', target: 'ns.example.' }],
  [RecordType.CNAME, { kind: 'CNAME', target: 'Other.example.' }],
  [RecordType.PTR, { kind: 'PTR', target: 'host.example.' }],
  [RecordType.DNAME, { kind: 'DNAME', target: 'away.example.' }],
  [
    RecordType.SOA,
    {
      kind: 'SOA',
      mname: 'ns.example.',
      rname: 'host\\.master.example.',
      serial: 4_294_967_295,
      refresh: 1,
      retry: 2,
      expire: 3,
      minimum: 4,
    },
  ],
  [RecordType.TXT, { kind: 'TXT', strings: [text('one'), text(''), new Uint8Array(255).fill(0xe9)] }],
  [RecordType.MX, { kind: 'MX', preference: 10, exchange: 'mail.example.' }],
  [RecordType.SRV, { kind: 'SRV', priority: 1, weight: 2, port: 443, target: 'srv.example.' }],
  [RecordType.CAA, { kind: 'CAA', flags: 128, critical: true, tag: 'issue', value: 'ca.example; x=1' }],
  [RecordType.SVCB, { kind: 'SVCB', priority: 0, target: 'alias.example.', params: [] }],
  [
    RecordType.HTTPS,
    {
      kind: 'HTTPS',
      priority: 1,
      target: '.',
      params: [
        { key: 0, kind: 'mandatory', keys: [1, 4] },
        { key: 1, kind: 'alpn', protocols: [text('h2'), text('h3')] },
        { key: 2, kind: 'no-default-alpn' },
        { key: 3, kind: 'port', port: 8443 },
        { key: 4, kind: 'hint', addresses: ['192.0.2.1', '192.0.2.2'] },
        { key: 5, kind: 'ech', octets: Uint8Array.of(0, 1, 2, 3) },
        { key: 6, kind: 'hint', addresses: ['2001:db8::1'] },
        { key: 667, kind: 'other', octets: text('hello') },
      ],
    },
  ],
  [RecordType.DS, { kind: 'DS', keyTag: 20326, algorithm: 8, digestType: 2, digest: Uint8Array.of(0xe0, 0x6d) }],
  [RecordType.DNSKEY, { kind: 'DNSKEY', flags: 257, protocol: 3, algorithm: 13, publicKey: text('key') }],
  [
    RecordType.RRSIG,
    {
      kind: 'RRSIG',
      typeCovered: RecordType.A,
      algorithm: 13,
      labels: 2,
      originalTtl: 300,
      expiration: 2_000_000_000,
      inception: 1_900_000_000,
      keyTag: 1,
      signerName: 'example.',
      signature: text('signature'),
    },
  ],
  [65_280, { kind: 'unknown', octets: text('anything') }],
];
