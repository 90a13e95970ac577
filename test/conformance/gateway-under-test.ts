/** The whole gateway over TLS in this process, with an app behind it that tells what reached it. */
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { systemContext } from '../../src/config/files.ts';
import { readConfig } from '../../src/config/read-config.ts';
import type { AccessRecord } from '../../src/gateway/access-record.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import type { Log } from '../../src/gateway/observe/log.ts';
import type { TransportLevel } from '../../src/gateway/transport/transport.ts';

/** An app that answers POST and PUT with their content and everything else with `OK`, and checks what it is sent. */
export interface ObservingApp {
  readonly port: number;
  /** Octets of all connections, ever. */
  readonly bytes: number;
  /** Requests that came whole. */
  readonly requests: number;
  /** Heads that no gateway may send, each with what is wrong. */
  readonly objections: string[];
  close(): Promise<void>;
}

export async function startObservingApp(): Promise<ObservingApp> {
  const sockets = new Set<net.Socket>();
  const objections: string[] = [];
  let bytes = 0;
  let requests = 0;
  const server = net.createServer((socket) => {
    sockets.add(socket);
    let input = '';
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      input += chunk.toString('latin1');
      for (
        let request = takeRequest(input, objections);
        request !== undefined;
        request = takeRequest(input, objections)
      ) {
        input = request.rest;
        requests += 1;
        const echoes = request.method === 'POST' || request.method === 'PUT';
        const content = echoes ? request.content : 'OK';
        const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${content.length}\r\n\r\n`;
        socket.write(head + (request.method === 'HEAD' ? '' : content), 'latin1');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    objections,
    get bytes() {
      return bytes;
    },
    get requests() {
      return requests;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface TakenRequest {
  readonly method: string;
  readonly content: string;
  readonly rest: string;
}

/** The first request in `input`, by the plainest reading there is; undefined while it is not whole. */
function takeRequest(input: string, objections: string[]): TakenRequest | undefined {
  const headEnd = input.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [line, ...fields] = input.slice(0, headEnd).split('\r\n') as [string, ...string[]];
  const named = (name: string): string[] =>
    fields
      .filter((field) => field.toLowerCase().startsWith(`${name}:`))
      .map((field) => field.slice(name.length + 1).trim());
  const lengths = named('content-length');
  const codings = named('transfer-encoding');
  const object = (what: string): number => objections.push(`${what}: ${JSON.stringify(input.slice(0, headEnd))}`);
  if (!/^[!#$%&'*+.^_`|~\w-]+ [!-"$-~]+ HTTP\/1\.1$/.test(line)) object('request line');
  if (!fields.every((field) => /^[!#$%&'*+.^_`|~\w-]+:[\t -~\x80-\xff]*$/.test(field))) object('field line');
  if (named('host').length !== 1) object('one Host');
  if (lengths.length + codings.length > 1) object('one framing');
  if (!lengths.every((length) => /^\d{1,15}$/.test(length))) object('length');
  if (!codings.every((coding) => coding === 'chunked')) object('coding');
  if (named('via').length === 0) object('Via');
  const method = line.slice(0, line.indexOf(' '));
  const start = headEnd + 4;
  if (codings.length === 0) {
    const end = start + Number(lengths[0] ?? 0);
    return input.length < end ? undefined : { method, content: input.slice(start, end), rest: input.slice(end) };
  }
  let content = '';
  for (let at = start; ;) {
    const lineEnd = input.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(input.slice(at, lineEnd), 16);
    if (size === 0) {
      const end = input.indexOf('\r\n\r\n', at);
      return end < 0 ? undefined : { method, content, rest: input.slice(end + 4) };
    }
    at = lineEnd + 2 + size + 2;
    if (input.length < at) return undefined;
    content += input.slice(lineEnd + 2, at - 2);
  }
}

export interface GatewayUnderTest {
  readonly port: number;
  /** Copies of what was logged, oldest first. */
  readonly records: AccessRecord[];
  /** A TLS connection to the gateway. */
  connect(): Promise<tls.TLSSocket>;
  close(): Promise<void>;
}

export interface GatewayTestOptions {
  readonly level?: TransportLevel;
  readonly site?: Readonly<Record<string, unknown>>;
}

/** One site that answers to every name, with a certificate of a local CA in a folder of its own. */
export async function startGatewayUnderTest(
  upstream: string,
  options: GatewayTestOptions = {},
): Promise<GatewayUnderTest> {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-conformance-'));
  const { config, findings } = readConfig(
    {
      state: folder,
      listen: { https: 0, http: 0, host: '127.0.0.1' },
      admin: { port: 0 },
      defaultSite: 'probe.test',
      sites: { 'probe.test': { to: upstream, ...options.site } },
    },
    systemContext(folder),
  );
  if (config === undefined) throw new Error(JSON.stringify(findings));
  const records: AccessRecord[] = [];
  const nothing = (): void => {};
  const log: Log = {
    wantsAgent: false,
    lostLines: 0,
    event: nothing,
    finding: nothing,
    access: (record) => records.push({ ...record }),
    relay: nothing,
    handshakeFailure: nothing,
    flush: () => Promise.resolve(),
    reopen: nothing,
    close: () => Promise.resolve(),
  };
  const gateway = await createGateway(config, { log, ...(options.level && { level: options.level }) });
  await gateway.start();
  return {
    port: gateway.httpsPort,
    records,
    connect: () =>
      new Promise((resolve, reject) => {
        const socket = tls.connect({
          host: '127.0.0.1',
          port: gateway.httpsPort,
          servername: 'probe.test',
          ALPNProtocols: ['http/1.1'],
          rejectUnauthorized: false,
        });
        socket.once('error', reject);
        // What is written leaves at once: tests wait for turns of the loop, not for delayed acknowledgements.
        socket.setNoDelay(true);
        socket.once('secureConnect', () => {
          socket.off('error', reject);
          resolve(socket);
        });
      }),
    async close() {
      await gateway.drain();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
