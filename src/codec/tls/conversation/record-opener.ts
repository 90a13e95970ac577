import { hashLengths, type TlsCrypto } from '../crypto.ts';
import { CLIENT_RANDOM } from '../key-log.ts';
import { Tls13Schedule } from '../key-schedule/tls13.ts';
import { extensionOfType } from '../message/extension-value.ts';
import { EarlyRecords } from '../protection/early-records.ts';
import type { OpenedRecord, RecordProtection } from '../protection/opened-record.ts';
import { scheduleHash, suiteProtection } from '../protection/suite-protection.ts';
import { Tls12Records } from '../protection/tls12-records.ts';
import { Tls13Records } from '../protection/tls13-records.ts';
import { APPLICATION_DATA, type TlsRecord } from '../record.ts';
import { ENCRYPT_THEN_MAC } from '../registry/extensions.ts';
import { TLS_1_3 } from '../registry/versions.ts';
import type { Direction, EpochKeys } from './direction.ts';
import { laterEpochs, secretLabel } from './epochs.ts';
import type { HandshakeState } from './handshake-state.ts';
import type { Epoch, Known, Sender, Undecryptable } from './items.ts';

/** A record as far as it could be opened. */
export interface Opening {
  readonly known: Known;
  readonly epoch: Epoch;
  /** The secret that was tried; undefined where none was. */
  readonly label: string | undefined;
  readonly plain: (OpenedRecord & { ok: true }) | undefined;
}

const seen: Known = { how: 'seen' };

function undecryptable(why: Undecryptable, epoch: Epoch, label?: string): Opening {
  return { known: { how: 'undecryptable', why }, epoch, label, plain: undefined };
}

/** Finds the secret that a record is under and opens it. */
export class RecordOpener {
  readonly #crypto: TlsCrypto;
  /** The latest handshake, and the version of the latest ServerHello, which rules until the next one. */
  state: HandshakeState | undefined;
  version: number | undefined;
  /** A record whose secret is not known may wait for it. */
  keysMayCome: boolean;

  constructor(crypto: TlsCrypto, keysMayCome: boolean) {
    this.#crypto = crypto;
    this.keysMayCome = keysMayCome;
  }

  /** `wait` where a secret is missing that may still come; nothing has changed then. */
  open(sender: Sender, direction: Direction, record: TlsRecord): Opening | 'wait' {
    const { contentType, fragment } = record;
    const isTls13 = this.version === TLS_1_3 || (this.version === undefined && direction.epoch === 'early');
    if (isTls13 && contentType === APPLICATION_DATA) return this.#open13(sender, direction, record);
    if (!isTls13 && direction.sealed !== undefined) return this.#open12(sender, direction, record);
    if (contentType === APPLICATION_DATA) return undecryptable('no-handshake', 'application');
    const plain = { ok: true, contentType, content: fragment, paddingLength: 0 } as const;
    return { known: seen, epoch: 'plain', label: undefined, plain };
  }

  /** Tries the keys of the current epoch, then of later ones: a key log may lack some, and early data may be skipped. */
  #open13(sender: Sender, direction: Direction, record: TlsRecord): Opening | 'wait' {
    if (direction.epoch === 'plain') return undecryptable('no-handshake', 'plain');
    let failure: Opening | undefined;
    let lacksKey = false;
    for (const epoch of laterEpochs(direction.epoch)) {
      const keys = this.#epochKeys(sender, direction, epoch);
      if (keys === 'unknown-suite') return undecryptable(keys, epoch);
      if (keys === 'no-key') {
        lacksKey = true;
        continue;
      }
      const opened = keys.protection.open(record);
      if (opened.ok) {
        direction.epoch = epoch;
        return { known: keys.known, epoch, label: keys.label, plain: opened };
      }
      failure ??= undecryptable(opened.why, epoch, keys.label);
    }
    if (lacksKey && this.keysMayCome) return 'wait';
    return failure ?? undecryptable('no-key', direction.epoch);
  }

  #epochKeys(sender: Sender, { epochs }: Direction, epoch: Epoch): EpochKeys | 'no-key' | 'unknown-suite' {
    const before = epochs.get(epoch);
    if (before !== undefined) return before;
    const { state } = this;
    const label = secretLabel(sender, epoch);
    const found = label === undefined ? undefined : state?.secrets.find(label);
    if (state === undefined || label === undefined || found === undefined) return 'no-key';
    const protection = epoch === 'early' ? this.#earlyRecords(state, found.octets) : this.#records(state, found.octets);
    if (protection === undefined) return 'unknown-suite';
    const known: Known = { how: 'decrypted', secret: label, from: found.from };
    const keys: EpochKeys = { label, secret: found.octets, known, protection };
    epochs.set(epoch, keys);
    return keys;
  }

  #records(state: HandshakeState, secret: Uint8Array): RecordProtection | undefined {
    const suite = suiteProtection(state.facts.cipherSuite ?? 0);
    const { schedule } = state;
    if (suite?.kind !== 'aead' || schedule === undefined || !this.#crypto.knows(suite.algorithm)) return undefined;
    return new Tls13Records(this.#crypto, schedule, suite, secret);
  }

  #earlyRecords({ facts }: HandshakeState, secret: Uint8Array): RecordProtection | undefined {
    const hash = secret.length === hashLengths.sha384 ? 'sha384' : 'sha256';
    const schedule = new Tls13Schedule(this.#crypto, hash);
    const candidates: RecordProtection[] = [];
    for (const code of facts.clientHello?.cipherSuites ?? []) {
      const suite = suiteProtection(code);
      if (scheduleHash(code, TLS_1_3) !== hash || suite?.kind !== 'aead') continue;
      if (this.#crypto.knows(suite.algorithm)) {
        candidates.push(new Tls13Records(this.#crypto, schedule, suite, secret));
      }
    }
    return candidates.length === 0 ? undefined : new EarlyRecords(candidates);
  }

  #open12(sender: Sender, direction: Direction, record: TlsRecord): Opening | 'wait' {
    if (direction.sealed === 'waiting') {
      const made = this.#sealed(sender);
      if (made === 'no-key' && this.keysMayCome) return 'wait';
      direction.sealed = made;
    }
    const { sealed } = direction;
    if (typeof sealed !== 'object') return undecryptable(sealed ?? 'no-key', 'application');
    const opened = sealed.protection.open(record);
    if (!opened.ok) return undecryptable(opened.why, 'application', CLIENT_RANDOM);
    return { known: sealed.known, epoch: 'application', label: CLIENT_RANDOM, plain: opened };
  }

  #sealed(sender: Sender): Exclude<Direction['sealed'], 'waiting' | undefined> {
    const { state } = this;
    const hello = state?.facts.serverHello;
    if (state === undefined || hello === undefined) return 'no-handshake';
    if (hello.compressionMethod !== 0) return 'compressed';
    const suite = suiteProtection(hello.cipherSuite);
    if (suite === undefined || (suite.kind !== 'null' && !this.#crypto.knows(suite.algorithm))) return 'unknown-suite';
    const keys = state.directionKeys(sender);
    const from = state.secrets.find(CLIENT_RANDOM)?.from;
    if (keys === undefined || from === undefined) return 'no-key';
    const macIsLast = extensionOfType(hello.extensions, ENCRYPT_THEN_MAC) !== undefined;
    const known: Known = { how: 'decrypted', secret: CLIENT_RANDOM, from };
    return { known, protection: new Tls12Records(this.#crypto, suite, keys, hello.version, macIsLast) };
  }

  /** After a KeyUpdate the sender's next records are under the next secret (RFC 8446 section 7.2). */
  updateKeys(sender: Sender, direction: Direction): void {
    const before = direction.epochs.get('application');
    const { state } = this;
    if (before === undefined || state?.schedule === undefined) return;
    const secret = state.schedule.nextTrafficSecret(before.secret);
    const generation = Number(/\d+$/.exec(before.label)?.[0] ?? 0) + 1;
    const label = `${sender.toUpperCase()}_TRAFFIC_SECRET_${generation}`;
    const protection = this.#records(state, secret);
    if (protection === undefined) return;
    state.secrets.setDerived(label, secret);
    const known: Known = { how: 'decrypted', secret: label, from: 'derived' };
    direction.epochs.set('application', { label, secret, known, protection });
  }
}
