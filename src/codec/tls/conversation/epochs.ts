import * as labels from '../key-log.ts';
import type { Epoch, Sender } from './items.ts';

const order: readonly Epoch[] = ['plain', 'early', 'handshake', 'application'];

/** An epoch and those that may follow it. */
export function laterEpochs(epoch: Epoch): readonly Epoch[] {
  return order.slice(order.indexOf(epoch));
}

const secretLabels: Readonly<Record<Sender, Partial<Record<Epoch, string>>>> = {
  client: {
    early: labels.CLIENT_EARLY_TRAFFIC_SECRET,
    handshake: labels.CLIENT_HANDSHAKE_TRAFFIC_SECRET,
    application: labels.CLIENT_TRAFFIC_SECRET_0,
  },
  server: {
    handshake: labels.SERVER_HANDSHAKE_TRAFFIC_SECRET,
    application: labels.SERVER_TRAFFIC_SECRET_0,
  },
};

/** The key log's label of the secret that protects an epoch of TLS 1.3; undefined where there is none. */
export function secretLabel(sender: Sender, epoch: Epoch): string | undefined {
  return secretLabels[sender][epoch];
}
