/** The states of both ends of a connection (RFC 9293 section 3.3.2), followed from the segments that passed. */
import type { TcpSegment } from '../../codec/packet/tcp-segment.ts';

export type TcpState =
  | 'CLOSED'
  | 'LISTEN'
  | 'SYN-SENT'
  | 'SYN-RECEIVED'
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'TIME-WAIT';

export interface BothStates {
  readonly client: TcpState;
  readonly server: TcpState;
}

type Side = 'client' | 'server';

/** Each end's state as whoever sees all segments can tell it. */
export class TcpStates {
  #states: Record<Side, TcpState> = { client: 'CLOSED', server: 'LISTEN' };
  /** Sequence number behind the FIN of each side, once there is one. */
  readonly #behindFin: Partial<Record<Side, number>> = {};

  get both(): BothStates {
    return { ...this.#states };
  }

  /** Takes the next segment of `sender`. */
  follow(sender: Side, { syn, ack, fin, rst, sequence, acknowledgement, dataLength }: TcpSegment): BothStates {
    const states = this.#states;
    const receiver: Side = sender === 'client' ? 'server' : 'client';
    if (rst) {
      this.#states = { client: 'CLOSED', server: 'CLOSED' };
      return this.both;
    }
    if (syn && !ack) {
      states[sender] = 'SYN-SENT';
      states[receiver] = 'SYN-RECEIVED';
      return this.both;
    }
    // The client takes the connection for established with the SYN, ACK; the server with the ACK after it.
    if (syn && ack) {
      states[receiver] = 'ESTABLISHED';
      return this.both;
    }
    if (ack && states[receiver] === 'SYN-RECEIVED') states[receiver] = 'ESTABLISHED';
    const behind = this.#behindFin[receiver];
    if (ack && behind !== undefined && ((acknowledgement - behind) | 0) >= 0)
      states[receiver] = finAcknowledged(states[receiver]);
    if (fin && this.#behindFin[sender] === undefined) {
      this.#behindFin[sender] = (sequence + dataLength + 1) >>> 0;
      // A FIN that does not acknowledge the other one crossed it on the way.
      const crossed = behind !== undefined && ((acknowledgement - behind) | 0) < 0;
      states[sender] = crossed ? 'CLOSING' : finSent(states[sender]);
      states[receiver] = finReceived(states[receiver]);
    }
    return this.both;
  }
}

function finSent(state: TcpState): TcpState {
  return state === 'CLOSE-WAIT' ? 'LAST-ACK' : 'FIN-WAIT-1';
}

/** What a FIN of the peer makes of a state; others stay as they are. */
const afterFin: Partial<Record<TcpState, TcpState>> = {
  ESTABLISHED: 'CLOSE-WAIT',
  'SYN-RECEIVED': 'CLOSE-WAIT',
  'FIN-WAIT-1': 'CLOSING',
  'FIN-WAIT-2': 'TIME-WAIT',
};

/** What the acknowledgement of our own FIN makes of it. */
const afterAcknowledgement: Partial<Record<TcpState, TcpState>> = {
  'FIN-WAIT-1': 'FIN-WAIT-2',
  CLOSING: 'TIME-WAIT',
  'LAST-ACK': 'CLOSED',
};

const finReceived = (state: TcpState): TcpState => afterFin[state] ?? state;
const finAcknowledged = (state: TcpState): TcpState => afterAcknowledgement[state] ?? state;
