import { readFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import type { TraceFlags } from '../../../src/cli/commands/trace.ts';
import { clientCredentials } from '../client-credentials.ts';
import { traced, withWorld, type World } from '../world.ts';
import { lacksOpenssl } from '../verify/lab.ts';
import { Comparison } from './comparison.ts';
import {
  curl,
  curlWords,
  isoTime,
  lacksCurl,
  lacksTshark,
  openSslClient,
  sha256,
  sharkHandshake,
  statusesByKeylog,
  steady,
  tshark,
} from './peers.ts';
import {
  lacks,
  PAGE,
  rsaMaterial,
  startCaddy,
  startGateway,
  startNginx,
  startOpenSsl,
  type RunningServer,
} from './servers.ts';
import { Told } from './told.ts';

/**
 * Real servers, each traced; what the story says is held against tshark, which reads the same connection from the
 * pcapng, against `openssl s_client` and curl, which make a connection of their own, and against what `s_server -msg`
 * printed. Every field is printed.
 */

const codeOfGroup: Readonly<Record<string, string>> = {
  x25519: '29',
  secp256r1: '23',
  secp384r1: '24',
  X25519MLKEM768: '4588',
};
/** Both take and give the same coding, so that the fields are the same. */
const plainly = ['Accept-Encoding: gzip', 'User-Agent: one'];

interface Har {
  readonly log: {
    readonly entries: readonly {
      readonly response: {
        readonly status: number;
        readonly httpVersion: string;
        readonly headers: readonly { readonly name: string; readonly value: string }[];
        readonly content: { readonly text?: string; readonly encoding?: string };
      };
    }[];
  };
}

interface Plan {
  readonly flags?: Partial<TraceFlags>;
  /** Options of `s_client` and of curl that do the same as the flags. */
  readonly client?: readonly string[];
  readonly curl?: readonly string[];
  /** OpenSSL chooses as Node's does: its client's own choice of group says something. */
  readonly temporaryKey?: string;
}

const missing = lacksOpenssl ?? lacksCurl;
const realPackets = process.getuid?.() === 0 && lacks('tcpdump', '--version') === undefined;

async function compare(
  t: TestContext,
  title: string,
  server: RunningServer,
  world: World,
  plan: Plan = {},
): Promise<void> {
  const { port, host, cacert } = server;
  const url = `https://${host}:${port}/page.txt`;
  const [har, pcapng, keylog] = ['x.har', 'x.pcapng', 'x.keys'].map((name) => path.join(world.folder, name)) as [
    string,
    string,
    string,
  ];
  const resolve = [`${host}:${port}:127.0.0.1`];
  const before = server.said().length;
  const flags = {
    cacert: [cacert],
    har,
    pcapng,
    keylog,
    resolve,
    header: plainly,
    packets: realPackets,
    ...plan.flags,
  };
  const { told: trace, code, codes } = await traced(url, flags);
  const printedByServer = server.said().slice(before);
  const told = new Told(trace);
  const table = new Comparison(title);
  table.row('asked for', 'exit code', code, 0);
  if (code !== 0) t.diagnostic(codes.join());
  const local = told.value('tcp.connected', 'local');
  const localPort = Number(local.split(':').at(-1));
  const connection = trace.stages.find(({ observations }) =>
    observations.some(({ label }) => label === 'http.request'),
  )!.connection;
  await compareTls(table, told, pcapng, port, localPort, connection);
  if (lacksTshark === undefined) {
    const status = told.value('http.response', 'status', connection);
    const statuses = await statusesByKeylog(pcapng, port, keylog);
    table.row('tshark with the key log', 'status', status, statuses.split(',')[0]);
  }
  compareServerMessages(table, told, printedByServer, connection, plan);
  await compareSegments(table, told, pcapng, port, localPort, connection);

  const client = await openSslClient(port, host, ['-alpn', 'h2,http/1.1', '-CAfile', cacert, ...(plan.client ?? [])]);
  table.row('s_client', 'version', told.detail('tls.agreed', 'version', connection), client.version);
  table.row('s_client', 'ALPN', told.detail('tls.agreed', 'ALPN', connection), client.alpn || '-');
  table.row('s_client', 'signature of the handshake', signatureOf(told), client.signature);
  const sent = told
    .observations('certificate.leaf', undefined)
    .concat(told.observations('certificate.intermediate'))
    .map(({ octets }) => sha256(Buffer.from(octets ?? '', 'hex')));
  table.row('s_client', 'SHA-256 of the certificates', sent.slice(0, client.certificates.length), client.certificates);
  if (plan.temporaryKey !== undefined)
    table.row('s_client', 'key exchange', plan.temporaryKey, client.temporaryKey || 'none');

  const answer = await curl(url, cacert, [
    ...plainly.flatMap((field) => ['-H', field]),
    '--compressed',
    ...(plan.curl ?? []),
  ]);
  const words = await curlWords(url, cacert, plan.curl ?? []);
  table.row('curl -v', 'address', told.value('tcp.connected', 'remote'), words.address);
  table.row('curl -v', 'version', told.detail('tls.agreed', 'version', connection), words.version);
  // In TLS 1.2 curl's OpenSSL prefers other suites than Node's, which shows in what servers choose.
  if (words.version === 'TLSv1.3')
    table.row('curl -v', 'cipher suite', told.detail('tls.agreed', 'cipher suite', connection), words.suite);
  table.row('curl -v', 'ALPN', told.detail('tls.agreed', 'ALPN', connection), words.alpn);
  table.row('curl -v', 'subject', told.detail('certificate.leaf', 'subject'), words.subject);
  const [from = '', to = ''] = told.detail('certificate.leaf', 'valid').split(' … ').map(isoTime);
  table.row('curl -v', 'valid', `${from} ${to}`, `${words.validFrom} ${words.validTo}`);
  const asked = `${told.value('http.request', 'method')} ${told.value('http.request', 'target')}`;
  table.row('curl -v', 'request', asked, words.request);
  table.row('curl -v', 'status', told.value('http.response', 'status'), words.status);
  const { response } = (JSON.parse(readFileSync(har, 'utf8')) as Har).log.entries[0]!;
  table.row('curl', 'status', told.value('http.response', 'status'), answer.status);
  table.row(
    'curl',
    'protocol',
    told.value('http.response', 'protocol'),
    `HTTP/${answer.version === '1' ? '1.0' : answer.version}`,
  );
  table.row('curl', 'address', told.value('tcp.connected', 'remote'), `${answer.address}:${answer.port}`);
  const fields = steady(response.headers.map(({ name, value }) => `${name}: ${value}`));
  table.row('curl', 'fields', fields.join(' | '), answer.fields.join(' | '));
  table.row('curl', 'octets of content', told.value('http.content', 'bytes'), answer.wireBytes);
  const { text = '', encoding } = response.content;
  const content = Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8');
  table.row('curl', 'SHA-256 of the content', sha256(content), sha256(answer.content));
  table.row('the file', 'SHA-256 of the content', sha256(content), sha256(Buffer.from(PAGE)));
  table.conclude((line) => t.diagnostic(line));
}

/** `ecdsa_secp256r1_sha256` in OpenSSL's words: `ECDSA SHA256`. '' where the key exchange is not signed. */
function signatureOf(told: Told): string {
  const scheme = told.field('certificate_verify', 'algorithm') || told.field('server_key_exchange', 'algorithm');
  const kinds = { ecdsa: 'ECDSA', rsa_pss: 'RSA-PSS', rsa_pkcs1: 'RSA' } as const;
  const [, kind] = Object.entries(kinds).find(([name]) => scheme.startsWith(name)) ?? [];
  return kind === undefined ? scheme : `${kind} ${scheme.split('_').at(-1)!.toUpperCase()}`;
}

/** Message order and lengths, and what was chosen, of the very connection. */
async function compareTls(
  table: Comparison,
  told: Told,
  pcapng: string,
  port: number,
  localPort: number,
  connection: number,
): Promise<void> {
  if (lacksTshark !== undefined) return;
  const shark = await sharkHandshake(pcapng, port, localPort);
  const ours = (direction: 'sent' | 'received'): string =>
    told
      .messages(direction, connection)
      .map(({ name, bytes }) => `${name === 'hello_retry_request' ? 'server_hello' : name} ${bytes - 4}`)
      .join(', ');
  table.row('tshark', 'messages sent', ours('sent'), shark.sent.join(', '));
  table.row('tshark', 'messages received', ours('received'), shark.received.join(', '));
  table.row('tshark', 'version', told.detail('tls.agreed', 'version', connection), shark.version);
  table.row('tshark', 'cipher suite', told.detail('tls.agreed', 'cipher suite', connection), shark.suite);
  const group = told.field('server_hello', 'key_share', connection);
  table.row('tshark', 'group of the key share', codeOfGroup[group] ?? group, shark.group);
  table.row('tshark', 'SNI', told.detail('tls.agreed', 'server name (SNI)', connection), shark.serverName);
  const offered = told.field('client_hello', 'application_layer_protocol_negotiation', connection);
  table.row('tshark', 'ALPN offered', offered, shark.offered);
  table.row('tshark', 'status', told.value('http.response', 'status', connection), shark.statuses.split(',')[0]);
}

/** `<<< TLS 1.3, Handshake [length 018b], ClientHello`: what `s_server -msg` says of the connection that it served. */
function compareServerMessages(
  table: Comparison,
  told: Told,
  printed: string,
  connection: number,
  { flags }: Plan,
): void {
  // A trace with a client certificate made another connection before.
  if (printed === '' || flags?.cert !== undefined || flags?.repeat === true) return;
  for (const [direction, arrow] of [
    ['sent', '<<<'],
    ['received', '>>>'],
  ] as const) {
    const theirs = [...printed.matchAll(/^(<<<|>>>) [^\n]*Handshake \[length ([0-9a-f]+)\]/gm)]
      .filter(([, sign]) => sign === arrow)
      .map(([, , length]) => parseInt(length!, 16));
    const ours = told.messages(direction, connection).map(({ bytes }) => bytes);
    table.row('s_server -msg', `lengths ${direction}`, ours.join(', '), theirs.join(', '));
  }
}

/** With packets: numbers, lengths and flags of every segment. */
async function compareSegments(
  table: Comparison,
  told: Told,
  pcapng: string,
  port: number,
  localPort: number,
  connection: number,
): Promise<void> {
  const segments = told.observations('tcp.segment', connection);
  if (segments.length === 0 || lacksTshark !== undefined) return;
  const names = [
    'tcp.srcport',
    'tcp.dstport',
    'tcp.seq_raw',
    'tcp.ack_raw',
    'tcp.len',
    'tcp.flags.fin',
    'tcp.flags.syn',
  ];
  const rows = (await tshark(pcapng, port, names)).filter(([from, to]) => [from, to].includes(String(localPort)));
  const isSet = (text: string | undefined): string => (text === '1' || text === 'True' ? '1' : '0');
  const theirs = rows.map(([from, , sequence, ack, length, fin, syn]) =>
    [Number(from) === localPort ? '>' : '<', sequence, ack === '0' ? '' : ack, length, isSet(fin), isSet(syn)].join(
      ' ',
    ),
  );
  const ours = segments.map(({ direction, values }) => {
    const ack = /ack (\d+)/.exec(String(values['ack']))?.[1] ?? '';
    const has = (flag: string): string => (String(values['flags']).includes(flag) ? '1' : '0');
    const arrow = direction === 'sent' ? '>' : '<';
    return [arrow, values['sequence'], ack, values['length'], has('FIN'), has('SYN')].join(' ');
  });
  table.row('tshark', 'segments', segments.length, theirs.length);
  table.row(
    'tshark',
    'numbers, lengths, flags of the segments',
    ours.toSorted().join('; '),
    theirs.toSorted().join('; '),
  );
}

type Start = (t: TestContext, world: World) => Promise<RunningServer>;

function agrees(
  title: string,
  lack: string | undefined,
  start: Start,
  plan: Plan | ((world: World) => Plan) = {},
): void {
  test(title, async (t) => {
    const reason = missing ?? lack;
    if (reason !== undefined) return t.skip(reason);
    await withWorld(async (world) => {
      const server = await start(t, world);
      await compare(t, title, server, world, typeof plan === 'function' ? plan(world) : plan);
    });
  });
}

const http1: Plan = { flags: { 'http1.1': true }, client: ['-alpn', 'http/1.1'], curl: ['--http1.1'] };
const tls12: Plan = { flags: { 'tls1.2': true }, client: ['-tls1_2'], curl: ['--tls-max', '1.2'] };

agrees('nginx, HTTP/2 over TLS 1.3', lacks('nginx', '-v'), startNginx);
agrees('nginx, HTTP/1.1', lacks('nginx', '-v'), startNginx, http1);
agrees('nginx, HTTP/2 over TLS 1.2', lacks('nginx', '-v'), startNginx, tls12);
agrees('Caddy, HTTP/2', lacks('caddy', 'version'), startCaddy);
agrees('our own gateway, HTTP/2', undefined, startGateway);
agrees('our own gateway, HTTP/1.1', undefined, startGateway, http1);

const openSsl =
  (...words: readonly string[]): Start =>
  (t, world) =>
    startOpenSsl(t, world, words);
const withRsa =
  (...words: readonly string[]): Start =>
  (t, world) => {
    const server = startOpenSsl(t, world, [...rsaMaterial(world), ...words]);
    return server.then((one) => ({ ...one, cacert: `${world.folder}/rsa.pem` }));
  };

agrees('s_server, TLS 1.3', undefined, openSsl('-tls1_3'));
agrees('s_server, TLS 1.2 with ECDHE', undefined, openSsl('-tls1_2'), tls12);
agrees('s_server, HelloRetryRequest', undefined, openSsl('-tls1_3', '-groups', 'P-384'), {
  temporaryKey: 'ECDH, secp384r1, 384 bits',
});
agrees('s_server, TLS 1.2 with RSA key exchange', undefined, withRsa('-tls1_2', '-cipher', 'AES128-GCM-SHA256'), {
  temporaryKey: 'none',
});
agrees('s_server, TLS 1.2 with DHE', undefined, withRsa('-tls1_2', '-cipher', 'DHE-RSA-AES128-GCM-SHA256'), {
  temporaryKey: 'DH, 2048 bits',
});
agrees(
  's_server, client certificate',
  undefined,
  (t, world) =>
    startOpenSsl(t, world, ['-CAfile', clientCredentials(world).ca, '-Verify', '2', '-verify_return_error']),
  (world) => {
    const me = path.join(world.folder, 'me.pem');
    return { flags: { cert: me }, client: ['-cert', me, '-key', me], curl: ['--cert', me, '--key', me] };
  },
);

test('a resumed session: tickets, told as tshark and s_server tell them', async (t) => {
  const reason = missing ?? lacksTshark;
  if (reason !== undefined) return t.skip(reason);
  for (const version of ['-tls1_3', '-tls1_2'])
    await withWorld(async (world) => {
      const server = await startOpenSsl(t, world, [version]);
      const pcapng = path.join(world.folder, 'x.pcapng');
      const url = `https://${server.host}:${server.port}/page.txt`;
      const flags = { cacert: [world.cacert], pcapng, repeat: true, packets: false };
      const { told: trace, code } = await traced(url, flags);
      const told = new Told(trace);
      const table = new Comparison(`s_server ${version}, the second time`);
      table.row('asked for', 'exit code', code, 0);
      const ports = told
        .observations('tcp.connected')
        .map(({ values }) => Number(String(values['local']).split(':').at(-1)));
      table.row('asked for', 'connections', ports.length, 2);
      for (const [at, localPort] of ports.entries()) {
        const shark = await sharkHandshake(pcapng, server.port, localPort);
        for (const direction of ['sent', 'received'] as const) {
          const ours = told.messages(direction, at + 1).map(({ name, bytes }) => `${name} ${bytes - 4}`);
          table.row(
            'tshark',
            `connection ${at + 1}: messages ${direction}`,
            ours.join(', '),
            shark[direction].join(', '),
          );
        }
        const hasCertificate = shark.received.some((one) => one.startsWith('certificate '));
        const isResumed = told.observations('certificate.resumed', at + 1).length > 0;
        table.row('tshark', `connection ${at + 1}: session resumed`, isResumed, !hasCertificate);
        table.row('asked for', `connection ${at + 1}: session resumed`, isResumed, at === 1);
      }
      const lengths = [...server.said().matchAll(/Handshake \[length ([0-9a-f]+)\]/g)].map(([, hex]) =>
        parseInt(hex!, 16),
      );
      const all = told.observations('tls.message').reduce((sum, { values }) => sum + Number(values['bytes']), 0);
      table.row(
        's_server -msg',
        'octets of all messages',
        all,
        lengths.reduce((sum, one) => sum + one, 0),
      );
      table.conclude((line) => t.diagnostic(line));
    });
});
