/** `--pcapng`: the packets that were captured, or, without the right to capture, packets made of the octets that passed. */
import { parseIpAddress } from '../../pki/names/ip-address.ts';
import { LinkType } from '../../codec/packet/link-layer.ts';
import {
  concatenate,
  encodeInterface,
  encodePacket,
  encodeSection,
  encodeTlsSecrets,
} from '../../codec/packet/pcapng-writer.ts';
import { encodeTcpPacket } from '../../codec/packet/tcp-encoder.ts';
import { VERSION } from '../../version.ts';
import type { Connection } from '../connect/connection.ts';
import type { TraceResult } from '../trace.ts';

/** What a made segment carries at most: an Ethernet's worth. */
const SEGMENT_OCTETS = 1_400;
const CLIENT_START = 1_000;
const SERVER_START = 2_000;

const MADE =
  'Made by menshen trace out of the octets that passed above TCP: the data and its times are real; headers, ' +
  'sequence numbers and the segments without data are not.';

export function tracePcapng({ story, connections, keyLog, packets }: TraceResult): Uint8Array {
  const application = `menshen ${VERSION}`;
  const secrets = keyLog.length === 0 ? [] : [encodeTlsSecrets(keyLog)];
  if (packets.length > 0) {
    const linkTypes = [...new Set(packets.map(({ linkType }) => linkType))];
    return concatenate([
      encodeSection(application, story.url),
      ...linkTypes.map((linkType) => encodeInterface(linkType, 'any')),
      ...secrets,
      ...packets.map(({ linkType, timeMs, bytes, originalLength }) =>
        encodePacket(linkTypes.indexOf(linkType), timeMs, bytes, originalLength),
      ),
    ]);
  }
  const made = connections
    .flatMap((connection) => makePackets(connection, story.startedAtMs))
    .toSorted((a, b) => a.timeMs - b.timeMs);
  return concatenate([
    encodeSection(application, `${story.url}\n${MADE}`),
    encodeInterface(LinkType.RAW, 'menshen', MADE),
    ...secrets,
    ...made.map(({ timeMs, bytes }) => encodePacket(0, timeMs, bytes)),
  ]);
}

interface MadePacket {
  readonly timeMs: number;
  readonly bytes: Uint8Array;
}

function makePackets({ parts }: Connection, startedAtMs: number): MadePacket[] {
  const { tap, ends, tcpStage } = parts;
  const client = parseIpAddress(ends.localAddress);
  const server = parseIpAddress(ends.remoteAddress);
  if (client === undefined || server === undefined || client.length !== server.length) return [];
  const packets: MadePacket[] = [];
  let ours = CLIENT_START;
  let theirs = SERVER_START;
  const nothing = new Uint8Array(0);
  type Flags = {
    readonly syn?: boolean;
    readonly ack?: boolean;
    readonly fin?: boolean;
    readonly rst?: boolean;
    readonly psh?: boolean;
  };
  const add = (direction: 'sent' | 'received', atMs: number, data: Uint8Array, flags: Flags): void => {
    const sent = direction === 'sent';
    const bytes = encodeTcpPacket({
      source: sent ? client : server,
      destination: sent ? server : client,
      sourcePort: sent ? ends.localPort : ends.remotePort,
      destinationPort: sent ? ends.remotePort : ends.localPort,
      sequence: sent ? ours : theirs,
      acknowledgement: flags.ack === true ? (sent ? theirs : ours) : 0,
      window: 65_535,
      data,
      ...flags,
    });
    const length = data.length + (flags.syn === true || flags.fin === true ? 1 : 0);
    if (sent) ours = (ours + length) >>> 0;
    else theirs = (theirs + length) >>> 0;
    packets.push({ timeMs: startedAtMs + atMs, bytes });
  };
  add('sent', tcpStage.startMs, nothing, { syn: true });
  add('received', tcpStage.endMs, nothing, { syn: true, ack: true });
  add('sent', tcpStage.endMs, nothing, { ack: true });
  const { finSentMs, finReceivedMs, resetMs } = tap.ending;
  type Event = { readonly atMs: number; readonly tell: () => void };
  const events: Event[] = tap.chunks.map(({ direction, atMs, bytes }) => ({
    atMs,
    tell: () => {
      for (let at = 0; at < bytes.length; at += SEGMENT_OCTETS) {
        const psh = at + SEGMENT_OCTETS >= bytes.length;
        add(direction, atMs, bytes.subarray(at, at + SEGMENT_OCTETS), { ack: true, psh });
      }
    },
  }));
  const end = (direction: 'sent' | 'received', atMs: number | undefined, flags: Flags): void => {
    if (atMs !== undefined) events.push({ atMs, tell: () => add(direction, atMs, nothing, flags) });
  };
  end('sent', finSentMs, { fin: true, ack: true });
  end('received', finReceivedMs, { fin: true, ack: true });
  end('received', resetMs, { rst: true, ack: true });
  for (const { tell } of events.toSorted((x, y) => x.atMs - y.atMs)) tell();
  return packets;
}
