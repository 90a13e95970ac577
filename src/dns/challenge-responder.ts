import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { parseMessage } from '../codec/dns/parse-message.ts';
import { FindingError } from '../story/finding-error.ts';
import { finding } from '../story/finding.ts';
import { createChallengeZone } from './challenge-zone.ts';
import { createResponseRate, rateLimits, type RateLimits } from './response-rate.ts';
import { createMessageFramer, frameMessage } from './tcp-framing.ts';
import type { ServerAddress } from './transport.ts';

export interface ChallengeResponderOptions {
  /** The delegated zone or zones, such as `_acme-challenge.example.com` or `acme.example.net`. */
  readonly zone: string | readonly string[];
  /** The name of this server in the parent's NS record. */
  readonly nsName: string;
  /** The public addresses of `nsName`, answered where it lies inside a zone. */
  readonly addresses: readonly string[];
  /** Where to listen, over UDP and TCP. Port 0 takes a free one. */
  readonly listen: readonly ServerAddress[];
  /** Texts to begin with, by name. */
  readonly records?: Readonly<Record<string, readonly string[]>>;
  readonly rate?: RateLimits;
  /** Milliseconds; the system's clock where it is left out. */
  readonly nowMs?: () => number;
}

/** An authoritative name server that knows nothing but the texts of challenges. */
export interface ChallengeResponder {
  /** Where it listens, ports filled in. */
  readonly listening: readonly ServerAddress[];
  /** Whether `name` lies in a zone of this responder. */
  covers(name: string): boolean;
  /** Adds a text to a name, visible at once. False where the name does not lie here, or there is no room. */
  addText(name: string, value: string): boolean;
  /** Takes a text away; one that is not there is no matter. */
  removeText(name: string, value: string): void;
  setText(name: string, values: readonly string[]): boolean;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 64;
const MAX_CONNECTIONS_PER_ADDRESS = 8;
/** A connection that says nothing for so long is closed (RFC 7766 section 6.2.3: seconds). */
const IDLE_MS = 10_000;
const MAX_MESSAGES_PER_CONNECTION = 100;
const PORT_ATTEMPTS = 5;
const HEADER_OCTETS = 12;

/** Listens and answers. Throws a FindingError where an address cannot be listened on. */
export async function createChallengeResponder(options: ChallengeResponderOptions): Promise<ChallengeResponder> {
  const zones = typeof options.zone === 'string' ? [options.zone] : options.zone;
  const zone = createChallengeZone({ zones, nsName: options.nsName, addresses: options.addresses });
  for (const [name, values] of Object.entries(options.records ?? {})) zone.setText(name, values);
  const rate = createResponseRate(options.rate ?? rateLimits);
  const nowMs = options.nowMs ?? Date.now;
  const open: { readonly udp: UdpSocket; readonly tcp: Server }[] = [];
  const connections = new Set<Socket>();
  const listening: ServerAddress[] = [];

  const onDatagram = (udp: UdpSocket, octets: Uint8Array, address: string, port: number): void => {
    const verdict = rate.verdict(address, nowMs());
    if (verdict === 'drop' || port === 0) return;
    const answer = zone.answer(octets, 'udp');
    if (answer === undefined) return;
    udp.send(verdict === 'answer' ? answer : truncatedCopy(answer), port, address, () => {});
  };

  const onConnection = (socket: Socket): void => {
    const from = [...connections].filter(({ remoteAddress }) => remoteAddress === socket.remoteAddress).length;
    if (connections.size >= MAX_CONNECTIONS || from >= MAX_CONNECTIONS_PER_ADDRESS) {
      socket.destroy();
      return;
    }
    connections.add(socket);
    const framer = createMessageFramer();
    let answered = 0;
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => connections.delete(socket));
    socket.on('data', (chunk: Uint8Array) => {
      for (const message of framer.push(chunk)) {
        const answer = zone.answer(message, 'tcp');
        answered += 1;
        // Whoever sends rubbish, reads too slowly or never stops is let go.
        if (answer === undefined || answered > MAX_MESSAGES_PER_CONNECTION || !socket.write(frameMessage(answer))) {
          socket.end();
          return;
        }
      }
    });
  };

  const close = async (): Promise<void> => {
    for (const socket of connections) socket.destroy();
    await Promise.all(
      open
        .splice(0)
        .flatMap(({ udp, tcp }) => [
          new Promise<void>((resolve) => udp.close(() => resolve())),
          new Promise<void>((resolve) => tcp.close(() => resolve())),
        ]),
    );
  };

  try {
    for (const wanted of options.listen) {
      const { udp, tcp, port } = await listenBoth(wanted);
      udp.on('message', (octets, from) => onDatagram(udp, octets, from.address, from.port));
      udp.on('error', () => {});
      tcp.on('connection', onConnection);
      open.push({ udp, tcp });
      listening.push({ address: wanted.address, port });
    }
  } catch (error) {
    await close();
    throw error;
  }

  return {
    listening,
    covers: zone.covers,
    setText: zone.setText,
    addText: (name, value) => zone.setText(name, [...zone.texts(name), value]),
    removeText: (name, value) => {
      const left = zone.texts(name).filter((text) => text !== value);
      if (left.length < zone.texts(name).length) zone.setText(name, left);
    },
    close,
  };
}

/** One port for both protocols. */
async function listenBoth(wanted: ServerAddress): Promise<{ udp: UdpSocket; tcp: Server; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const udp = createSocket(wanted.address.includes(':') ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
    const tcp = createServer();
    try {
      await listening(udp, () => udp.bind(wanted.port, wanted.address));
      const { port } = udp.address();
      await listening(tcp, () => tcp.listen({ port, host: wanted.address, ipv6Only: wanted.address.includes(':') }));
      return { udp, tcp, port };
    } catch (error) {
      udp.close();
      tcp.close();
      // A free port of UDP may be taken over TCP.
      if (wanted.port !== 0 || attempt >= PORT_ATTEMPTS) throw explainListening(error, wanted);
    }
  }
}

function listening(socket: UdpSocket | Server, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('listening', () => {
      socket.removeListener('error', reject);
      resolve();
    });
    start();
  });
}

function explainListening(error: unknown, { address, port }: ServerAddress): FindingError {
  const detail = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
  if (detail === 'EADDRINUSE') return new FindingError(finding('dns-responder-port-taken', { address, port }), error);
  if (detail === 'EACCES') return new FindingError(finding('dns-responder-port-forbidden', { address, port }), error);
  return new FindingError(finding('dns-responder-cannot-listen', { address, port, detail }), error);
}

/** Header and question, TC set: "ask again over TCP". */
function truncatedCopy(answer: Uint8Array): Uint8Array {
  const parsed = parseMessage(answer);
  const question = parsed.ok ? parsed.value.questions[0] : undefined;
  const copy = answer.slice(0, question?.end ?? HEADER_OCTETS);
  copy[2]! |= 0x02;
  // The counts of answers, authorities and additionals.
  copy.fill(0, 6, HEADER_OCTETS);
  return copy;
}
