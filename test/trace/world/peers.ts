import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';

/** Other programs that look at the same: tshark, `openssl s_client`, curl. */

export const lacksTshark = spawnSync('tshark', ['-v']).status === 0 ? undefined : 'tshark is absent';
export const lacksCurl = spawnSync('curl', ['--version']).status === 0 ? undefined : 'curl is absent';

/** Runs a program without holding up the servers of this process. */
export function outputOf(
  program: string,
  words: readonly string[],
): Promise<{ readonly out: Buffer; readonly err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...words], { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.once('error', reject);
    child.once('close', () => resolve({ out: Buffer.concat(out), err }));
    child.stdin.end();
  });
}

/** Fields of every packet of a file, which is opened with the secrets inside of it, or with those of a key log. */
export async function tshark(
  file: string,
  port: number,
  fields: readonly string[],
  keylog?: string,
): Promise<string[][]> {
  // Content that ends with the connection is not waited for.
  const words = [
    '-2',
    '-n',
    '-o',
    'http.desegment_body:FALSE',
    ...(keylog === undefined ? [] : ['-o', `tls.keylog_file:${keylog}`]),
    '-r',
    file,
    '-d',
    `tcp.port==${port},tls`,
    '-T',
    'fields',
  ];
  const { out } = await outputOf('tshark', [...words, ...fields.flatMap((field) => ['-e', field])]);
  return out
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
}

/** Names of the handshake's message types (RFC 8446 section 4, RFC 5246 section 7.4, RFC 6066 section 8). */
const messageNames: Readonly<Record<string, string>> = {
  '1': 'client_hello',
  '2': 'server_hello',
  '4': 'new_session_ticket',
  '8': 'encrypted_extensions',
  '11': 'certificate',
  '12': 'server_key_exchange',
  '13': 'certificate_request',
  '14': 'server_hello_done',
  '15': 'certificate_verify',
  '16': 'client_key_exchange',
  '20': 'finished',
  '22': 'certificate_status',
};

export interface SharkHandshake {
  /** `client_hello 391`, …: names and lengths without the header of four octets. */
  readonly sent: readonly string[];
  readonly received: readonly string[];
  readonly version: string;
  /** IANA's name. */
  readonly suite: string;
  /** Group of the ServerHello's key share, as a number; '' for TLS 1.2. */
  readonly group: string;
  readonly serverName: string;
  readonly offered: string;
  /** Status of every answer. */
  readonly statuses: string;
}

const versions: Readonly<Record<string, string>> = { '0x0303': 'TLSv1.2', '0x0304': 'TLSv1.3' };

/** What `openssl ciphers` lists: `0x13,0x02 - TLS_AES_256_GCM_SHA384 - TLS_AES_256_GCM_SHA384 TLSv1.3 …`, as words. */
async function suites(): Promise<string[][]> {
  const { out } = await outputOf('openssl', ['ciphers', '-V', '-stdname', 'ALL:@SECLEVEL=0']);
  const lines = out.toString().trim().split('\n');
  return lines.map((line) => line.trim().split(/\s+(?:-\s+)?/));
}

/** IANA's name of a suite by its number in hexadecimal. */
async function suiteName(code: string): Promise<string> {
  const wanted = `0x${code.slice(2, 4)},0x${code.slice(4)}`.toUpperCase();
  return (await suites()).find(([number]) => number?.toUpperCase() === wanted)?.[1] ?? code;
}

/** What tshark reads of the handshake of the connection that begins at this local port. */
export async function sharkHandshake(file: string, port: number, localPort: number): Promise<SharkHandshake> {
  const rows = await tshark(file, port, [
    'tcp.srcport',
    'tcp.dstport',
    'tls.handshake.type',
    'tls.handshake.length',
    'tls.handshake.ciphersuite',
    'tls.handshake.version',
    'tls.handshake.extensions.supported_version',
    'tls.handshake.extensions_key_share_group',
    'tls.handshake.extensions_server_name',
    'tls.handshake.extensions_alpn_str',
    'http.response.code',
    'http2.headers.status',
  ]);
  const own = rows.filter(([source, target]) => [source, target].includes(String(localPort)));
  const listed = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(','));
  const messagesOf = (from: number): string[] =>
    own
      .filter(([source]) => source === String(from))
      .flatMap(([, , types, lengths]) => {
        const sizes = listed(lengths);
        return listed(types).map((type, at) => `${messageNames[type] ?? type} ${sizes[at]}`);
      });
  const answers = own.filter(([source, , types]) => source === String(port) && listed(types).includes('2'));
  const hello = answers.at(-1) ?? [];
  const greeting = own.find(([, , types]) => listed(types)[0] === '1') ?? [];
  const version = listed(hello[6])[0] ?? listed(hello[5])[0] ?? '';
  return {
    sent: messagesOf(localPort),
    received: messagesOf(port),
    version: versions[version] ?? version,
    suite: await suiteName(listed(hello[4])[0] ?? ''),
    group: listed(hello[7])[0] ?? '',
    serverName: greeting[8] ?? '',
    offered: listed(greeting[9]).join(', '),
    statuses: own.flatMap((row) => [...listed(row[10]), ...listed(row[11])]).join(','),
  };
}

/** Statuses of the answers that tshark reads with the key log alone, without the secrets of the capture itself. */
export async function statusesByKeylog(file: string, port: number, keylog: string): Promise<string> {
  const bare = `${file}.bare`;
  await outputOf('editcap', ['--discard-all-secrets', file, bare]);
  const statuses = async (log?: string): Promise<string> =>
    (await tshark(bare, port, ['http.response.code', 'http2.headers.status'], log)).flat().filter(Boolean).join(',');
  const without = await statuses();
  return without === '' ? statuses(keylog) : `without any secrets: ${without}`;
}

export interface ClientFacts {
  readonly version: string;
  /** OpenSSL's name. */
  readonly suite: string;
  readonly alpn: string;
  /** Group of the key exchange, or of Diffie-Hellman its size; '' without one. */
  readonly temporaryKey: string;
  /** `ECDSA SHA256`: of the signature in the handshake; '' without one. */
  readonly signature: string;
  /** SHA-256 of each certificate that was sent. */
  readonly certificates: readonly string[];
}

/** What `openssl s_client` tells of a server. */
export async function openSslClient(port: number, name: string, words: readonly string[]): Promise<ClientFacts> {
  const at = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', name, '-showcerts', ...words];
  const { out } = await outputOf('openssl', at);
  const text = out.toString();
  const found = (pattern: RegExp): string => pattern.exec(text)?.[1]?.trim() ?? '';
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+/g) ?? [];
  return {
    version: found(/^New, (\S+), Cipher/m),
    suite: found(/Cipher is (\S+)/),
    alpn: found(/^ALPN protocol: (\S+)/m),
    temporaryKey: found(/^Server Temp Key: (.+)$/m),
    signature: `${found(/^Peer signature type: (\S+)/m)} ${found(/^Peer signing digest: (\S+)/m)}`.trim(),
    certificates: blocks.map((block) => sha256(Buffer.from(block.replace(/^-+[^-]+-+/, ''), 'base64'))),
  };
}

export const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

export interface CurlFacts {
  readonly status: string;
  readonly version: string;
  readonly address: string;
  readonly port: string;
  /** Field lines of the answer, names in lower case, without those that change by the second. */
  readonly fields: readonly string[];
  readonly content: Buffer;
  readonly wireBytes: string;
}

/** What curl gets from the same URL. */
export async function curl(url: string, cacert: string, words: readonly string[]): Promise<CurlFacts> {
  const format = '%{stderr}%{http_code} %{http_version} %{remote_ip} %{remote_port} %{size_download}\n';
  const { port, hostname } = new URL(url);
  const where = ['--cacert', cacert, '--resolve', `${hostname}:${port}:127.0.0.1`, '-sS', '-i', '-w', format];
  const { out, err } = await outputOf('curl', [...where, ...words, url]);
  const end = out.indexOf('\r\n\r\n');
  const [status = '', version = '', address = '', remotePort = '', wireBytes = ''] = err.trim().split(' ');
  const lines = out.toString('latin1', 0, end).split('\r\n').slice(1);
  return {
    status,
    version,
    address,
    port: remotePort,
    fields: steady(lines),
    content: out.subarray(end + 4),
    wireBytes,
  };
}

/** Lines `name: value` without what differs between two requests, and without pseudo-header fields, in order. */
export const steady = (lines: readonly string[]): string[] =>
  lines
    .map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()))
    .filter((line) => !/^(?::|date:|x-request-id:)/.test(line));

/** What `curl -v` says of its way to the answer. */
export interface CurlWords {
  readonly address: string;
  readonly version: string;
  /** OpenSSL's name, which for TLS 1.3 is IANA's. */
  readonly suite: string;
  readonly alpn: string;
  readonly subject: string;
  readonly validFrom: string;
  readonly validTo: string;
  /** `GET /page.txt`. */
  readonly request: string;
  readonly status: string;
}

export async function curlWords(url: string, cacert: string, words: readonly string[]): Promise<CurlWords> {
  const { port, hostname } = new URL(url);
  const where = ['--cacert', cacert, '--resolve', `${hostname}:${port}:127.0.0.1`, '-sv', '-o', '/dev/null'];
  const { err } = await outputOf('curl', [...where, ...words, url]);
  const found = (pattern: RegExp): string[] =>
    pattern
      .exec(err)
      ?.slice(1)
      .map((one) => one.trim()) ?? ['', ''];
  const date = (name: string): string => isoTime(found(new RegExp(`^\\* +${name} date: (.+)$`, 'm'))[0]!);
  const [version = '', suite = ''] = found(/^\* SSL connection using (\S+) \/ (\S+)/m);
  return {
    // `Connected to host (127.0.0.1) port 443`, of curl 8 `Established connection to host (127.0.0.1 port 443)`.
    address: found(/^\* (?:Connected|Established connection) to \S+ \(([\d.]+)\)? port (\d+)/m).join(':'),
    version,
    suite,
    alpn: found(/^\* ALPN: server accepted (\S+)/m)[0]! || '-',
    subject: found(/^\* +subject: (.+)$/m)[0]!,
    validFrom: date('start'),
    validTo: date('expire'),
    request: found(/^> (\S+ \S+) HTTP/m)[0]!,
    status: found(/^< HTTP\/\S+ (\d+)/m)[0]!,
  };
}

/** '' for what is no time. */
export function isoTime(text: string): string {
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? '' : new Date(atMs).toISOString();
}
