import type { RecordData, ResourceRecord, SvcParam } from './record.ts';
import { className, svcParamName, typeName } from './registry.ts';

/** A record as a zone file has it: `www.example.com. 300 IN A 192.0.2.1`. */
export function formatRecord({ name, ttl, class: recordClass, type, data }: ResourceRecord): string {
  return `${name} ${ttl} ${className(recordClass)} ${typeName(type)} ${formatRecordData(data)}`;
}

/** A record's data as a zone file has it (RFC 1035 section 5.1, RFC 3597 section 5, RFC 9460 section 2.1). */
export function formatRecordData(data: RecordData): string {
  switch (data.kind) {
    case 'A':
    case 'AAAA':
      return data.address;
    case 'NS':
    case 'CNAME':
    case 'PTR':
    case 'DNAME':
      return data.target;
    case 'SOA':
      return [data.mname, data.rname, data.serial, data.refresh, data.retry, data.expire, data.minimum].join(' ');
    case 'TXT':
      return data.strings.map(quoted).join(' ');
    case 'MX':
      return `${data.preference} ${data.exchange}`;
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${data.target}`;
    case 'CAA':
      return `${data.flags} ${data.tag} ${quoted(Uint8Array.from(data.value, (one) => one.charCodeAt(0)))}`;
    case 'SVCB':
    case 'HTTPS':
      return [data.priority, data.target, ...data.params.map(formatParam)].join(' ');
    case 'DS':
      return `${data.keyTag} ${data.algorithm} ${data.digestType} ${hex(data.digest).toUpperCase()}`;
    case 'DNSKEY':
      return `${data.flags} ${data.protocol} ${data.algorithm} ${base64(data.publicKey)}`;
    case 'RRSIG':
      return [
        typeName(data.typeCovered),
        data.algorithm,
        data.labels,
        data.originalTtl,
        data.expiration,
        data.inception,
        data.keyTag,
        data.signerName,
        base64(data.signature),
      ].join(' ');
    case 'TSIG':
      return `${data.algorithm} ${data.timeSigned} ${data.fudge} ${data.error}`;
    case 'OPT':
      return data.options.map(({ code, octets }) => `${code}=${hex(octets)}`).join(' ');
    case 'empty':
      return '';
    case 'unknown':
      break;
  }
  return `\\# ${data.octets.length}${data.octets.length > 0 ? ` ${hex(data.octets).toUpperCase()}` : ''}`;
}

/** The strings of a TXT record in one, as UTF-8: what those who publish in TXT records mean. */
export function txtText(data: RecordData): string | undefined {
  if (data.kind !== 'TXT') return undefined;
  const decoder = new TextDecoder();
  return data.strings.map((octets) => decoder.decode(octets, { stream: true })).join('') + decoder.decode();
}

function formatParam(param: SvcParam): string {
  const name = svcParamName(param.key);
  switch (param.kind) {
    case 'mandatory':
      return `${name}=${param.keys.map(svcParamName).join(',')}`;
    case 'alpn':
      // A comma or a backslash inside a protocol is escaped once more than in a string (RFC 9460 appendix A.1).
      return `${name}="${param.protocols.map((one) => escapedText(one).replace(/,/g, '\\\\,')).join(',')}"`;
    case 'no-default-alpn':
      return name;
    case 'port':
      return `${name}=${param.port}`;
    case 'hint':
      return `${name}=${param.addresses.join(',')}`;
    case 'ech':
      return `${name}="${base64(param.octets)}"`;
    case 'other':
      break;
  }
  return param.octets.length === 0 ? name : `${name}=${quoted(param.octets)}`;
}

const quoted = (octets: Uint8Array): string => `"${escapedText(octets)}"`;

/** Octets of a character-string: printable ones as they are, quote and backslash escaped, others as `\DDD`. */
function escapedText(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) {
    if (octet === 0x22 || octet === 0x5c) text += `\\${String.fromCodePoint(octet)}`;
    else if (octet >= 0x20 && octet < 0x7f) text += String.fromCodePoint(octet);
    else text += `\\${String(octet).padStart(3, '0')}`;
  }
  return text;
}

function hex(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += octet.toString(16).padStart(2, '0');
  return text;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(octets: Uint8Array): string {
  let text = '';
  for (let at = 0; at < octets.length; at += 3) {
    const [one, two, three] = [octets[at]!, octets[at + 1], octets[at + 2]];
    const bits = (one << 16) | ((two ?? 0) << 8) | (three ?? 0);
    text += alphabet[bits >> 18]! + alphabet[(bits >> 12) & 63]!;
    text += two === undefined ? '=' : alphabet[(bits >> 6) & 63]!;
    text += three === undefined ? '=' : alphabet[bits & 63]!;
  }
  return text;
}
