/** The packets of a connection as observations of its stages: nothing is inferred any more where they were seen. */
import type { CapturedPacket } from '../../codec/packet/capture-reader.ts';
import { parseTcpFrame, type TcpFrame } from '../../codec/packet/frame.ts';
import { flagNames, sequenceDistance } from '../../codec/packet/tcp-segment.ts';
import type { Detail, Observation } from '../../story/observation.ts';
import type { OpenStage, Sighting } from '../../story/stages.ts';
import type { Connection } from '../connect/connection.ts';
import { TcpStates } from './tcp-states.ts';

export interface SeenSegment {
  readonly sender: 'client' | 'server';
  /** Milliseconds since the trace began. */
  readonly atMs: number;
  readonly frame: TcpFrame;
  readonly packet: CapturedPacket;
}

/** A packet that could be read down to its segment. */
interface ReadPacket {
  readonly packet: CapturedPacket;
  readonly frame: TcpFrame;
}

/** `192.0.2.1 443 198.51.100.2 50000`: one direction of a connection. */
const flowOf = (source: string, sourcePort: number, destination: string, destinationPort: number): string =>
  `${source} ${sourcePort} ${destination} ${destinationPort}`;

function flowsOf({ parts }: Connection): { readonly sent: string; readonly received: string } {
  const { localAddress: local, localPort, remoteAddress: remote, remotePort } = parts.ends;
  return { sent: flowOf(local, localPort, remote, remotePort), received: flowOf(remote, remotePort, local, localPort) };
}

/** Reads packets as they are caught, each once, and sorts them by the connections that they belong to. */
export class PacketReading {
  readonly #flows = new Map<string, ReadPacket[]>();
  readonly #ended = new Set<string>();
  #next = 0;

  /** Takes what is new in the list, which only grows. */
  read(packets: readonly CapturedPacket[]): void {
    for (; this.#next < packets.length; this.#next += 1) {
      const packet = packets[this.#next]!;
      const parsed = parseTcpFrame(packet.linkType, packet.bytes);
      if (!parsed.ok) continue;
      const frame = parsed.value;
      const { source, destination } = frame.ip;
      const { sourcePort, destinationPort, fin, rst } = frame.segment;
      const flow = flowOf(source, sourcePort, destination, destinationPort);
      const known = this.#flows.get(flow);
      if (known === undefined) this.#flows.set(flow, [{ packet, frame }]);
      else known.push({ packet, frame });
      if (fin || rst) this.#ended.add(flow);
      if (rst) this.#ended.add(flowOf(destination, destinationPort, source, sourcePort));
    }
  }

  /** Both ends have said that they are done, or one has cut. */
  hasEnd(connection: Connection): boolean {
    const { sent, received } = flowsOf(connection);
    return this.#ended.has(sent) && this.#ended.has(received);
  }

  /** The segments of a connection, in the order of their times. */
  segmentsOf(connection: Connection, startedAtMs: number): SeenSegment[] {
    const { sent, received } = flowsOf(connection);
    const seen = (flow: string, sender: SeenSegment['sender']): SeenSegment[] =>
      (this.#flows.get(flow) ?? []).map(({ packet, frame }) => {
        return { sender, atMs: packet.timeMs - startedAtMs, frame, packet };
      });
    return [...seen(sent, 'client'), ...seen(received, 'server')].toSorted((a, b) => a.atMs - b.atMs);
  }
}

/** Observations that the segments take the place of. */
const inferred: ReadonlySet<Observation['label']> = new Set<Observation['label']>([
  'tcp.syn',
  'tcp.syn-ack',
  'tcp.ack',
  'close.fin-sent',
  'close.fin-received',
  'close.reset-received',
  'close.client-first',
  'close.server-first',
]);

/** Segments before the close are told in the stage TCP, the others in the stage close. */
export function tellPackets(
  connection: Connection,
  segments: readonly SeenSegment[],
  closeStage: OpenStage | undefined,
  most: number,
): void {
  const [first] = segments;
  if (first === undefined) return;
  const { tcpStage } = connection.parts;
  for (const stage of [tcpStage, closeStage])
    stage?.observations.splice(0, Infinity, ...stage.observations.filter((one) => !replaces(one, connection)));
  const states = new TcpStates();
  const starts: Partial<Record<'client' | 'server', number>> = {};
  let told = 0;
  for (const { sender, atMs, frame } of segments) {
    const { segment } = frame;
    if (segment.syn) starts[sender] = segment.sequence;
    const both = states.follow(sender, segment);
    const isEnd = segment.fin || segment.rst || (closeStage !== undefined && atMs >= closeStage.startMs);
    const stage = isEnd && closeStage !== undefined ? closeStage : tcpStage;
    const plain = !segment.syn && !segment.fin && !segment.rst;
    told += 1;
    if (plain && told > most) continue;
    const sighting = tellSegment(sender, atMs, frame, starts, tcpStage.startMs);
    stage.observe({
      ...sighting,
      details: [...(sighting.details ?? []), { label: 'field.state', value: `${both.client} / ${both.server}` }],
    });
    if (!plain) stage.observe({ label: 'tcp.states', values: { ...both }, known: 'inferred', atMs });
  }
  const ended = segments.find(({ frame }) => frame.segment.fin || frame.segment.rst);
  if (ended !== undefined && closeStage !== undefined)
    closeStage.observe({
      label: ended.sender === 'client' ? 'close.client-first' : 'close.server-first',
      atMs: ended.atMs,
    });
  if (told > most)
    tcpStage.observe({ label: 'tcp.segments-more', values: { count: told - most }, atMs: tcpStage.endMs });
}

/** Of several attempts only the one that stands was followed packet by packet. */
function replaces({ label, values }: Observation, { parts }: Connection): boolean {
  return inferred.has(label) && (values['address'] === undefined || values['address'] === parts.ends.remoteAddress);
}

function tellSegment(
  sender: 'client' | 'server',
  atMs: number,
  { ip, segment, data }: TcpFrame,
  starts: Partial<Record<'client' | 'server', number>>,
  synMs: number,
): Sighting {
  const { sequence, acknowledgement, ack, window, dataLength, options } = segment;
  const flags = flagNames(segment).join(', ');
  const own = starts[sender];
  const other = starts[sender === 'client' ? 'server' : 'client'];
  const relative = own === undefined ? '?' : String(sequenceDistance(own, sequence));
  const relativeAck = other === undefined ? '?' : String(sequenceDistance(other, acknowledgement));
  const texts: string[] = [];
  if (options.maximumSegmentSize !== undefined) texts.push(`MSS ${options.maximumSegmentSize}`);
  if (options.windowScale !== undefined) texts.push(`window scale ${options.windowScale}`);
  if (options.selectiveAcknowledgementPermitted) texts.push('SACK permitted');
  if (options.timestamps !== undefined) texts.push(`timestamps ${options.timestamps.value} ${options.timestamps.echo}`);
  const details: Detail[] = [
    { label: 'field.flags', value: flags },
    { label: 'field.sequence', value: `${sequence} (${relative})` },
    ...(ack ? [{ label: 'field.acknowledgement', value: `${acknowledgement} (${relativeAck})` } as const] : []),
    { label: 'field.window', value: String(window) },
    { label: 'field.ttl', value: String(ip.timeToLive) },
    ...(texts.length > 0 ? [{ label: 'field.options', value: texts.join(', ') } as const] : []),
  ];
  return {
    label: 'tcp.segment',
    direction: sender === 'client' ? 'sent' : 'received',
    values: {
      type: flags,
      flags,
      sequence,
      relative,
      length: dataLength,
      ack: ack ? ` ack ${acknowledgement} (${relativeAck})` : '',
      carries: carried(data, dataLength),
    },
    // The capture's clock is the system's, ours runs evenly: they may differ by a little.
    atMs: Math.max(0, Math.max(synMs - 1, atMs)),
    details,
  };
}

/** Which TLS records begin in a segment's data, as far as they stand at its front. */
function carried(data: Uint8Array, length: number): string {
  if (length === 0) return '';
  const names: string[] = [];
  let at = 0;
  while (at + 5 <= data.length && names.length < 6) {
    const name = recordNames.get(data[at]!);
    if (name === undefined || data[at + 1] !== 3) break;
    names.push(name);
    at += 5 + ((data[at + 3]! << 8) | data[at + 4]!);
  }
  return names.length === 0 ? '' : ` [${names.join(', ')}]`;
}

const recordNames: ReadonlyMap<number, string> = new Map([
  [20, 'ChangeCipherSpec'],
  [21, 'alert'],
  [22, 'handshake'],
  [23, 'application data'],
]);
