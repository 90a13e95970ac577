import { sameBytes } from '../../der/octets.ts';
import type { TlsCrypto, TlsHash } from '../crypto.ts';
import * as labels from '../key-log.ts';
import type { KeyLog } from '../key-log.ts';
import { extendedMasterSecret, keyBlock, masterSecret, verifyData12, type PrfHash } from '../key-schedule/tls12.ts';
import { Tls13Schedule } from '../key-schedule/tls13.ts';
import { decodeUncompressedCertificate } from '../message/decode-handshake.ts';
import { extensionOfType, extensionValue } from '../message/extension-value.ts';
import type {
  CertificateBody,
  ClientHelloBody,
  DecodedHandshake,
  ServerHelloBody,
  ServerKeyExchangeBody,
  TlsSignature,
} from '../message/handshake-body.ts';
import { scheduleHash, suiteProtection } from '../protection/suite-protection.ts';
import { cutKeyBlock, type DirectionKeys } from '../protection/tls12-records.ts';
import { EARLY_DATA, EXTENDED_MASTER_SECRET } from '../registry/extensions.ts';
import { TLS_1_3 } from '../registry/versions.ts';
import { countScts } from './certificate-key.ts';
import { outcome, unchecked, type CheckResult } from './check-result.ts';
import { emptyFacts, type GrowingFacts } from './facts.ts';
import type { Sender } from './items.ts';
import { checkDowngrade, checkNegotiation } from './negotiation.ts';
import { HandshakeSecrets, type KnownSecrets } from './secrets.ts';
import {
  certificateVerifyContent,
  checkCertificateVerify,
  checkScts,
  checkServerKeyExchange,
} from './signature-checks.ts';
import { Transcript } from './transcript.ts';

/** A message as it came: decoded, and the traffic secret of TLS 1.3 that opened its record, where one did. */
export interface ReceivedMessage {
  readonly sender: Sender;
  readonly message: DecodedHandshake;
  readonly trafficSecret: Uint8Array | undefined;
}

/**
 * One handshake, message by message: what it agreed on, its transcript, and whether signatures, Finished values and
 * choices are right. The caller opens the records; this tells with which secrets.
 */
export class HandshakeState {
  readonly facts: GrowingFacts = emptyFacts();
  readonly secrets: HandshakeSecrets;
  readonly #crypto: TlsCrypto;
  readonly #known: KnownSecrets;
  readonly #transcript = new Transcript();
  /** The transcript of client authentication after the handshake (RFC 8446 section 4.6.2), while that goes on. */
  #late: Transcript | undefined;
  #schedule: Tls13Schedule | undefined;
  #earlySecret: Uint8Array | undefined;
  #masterSecret: Uint8Array | undefined;

  constructor(crypto: TlsCrypto, keyLog: KeyLog, known: KnownSecrets, clientHello: ClientHelloBody) {
    this.#crypto = crypto;
    this.#known = known;
    this.secrets = new HandshakeSecrets(keyLog, clientHello.random);
  }

  get isTls13(): boolean {
    return this.facts.version === TLS_1_3;
  }

  get schedule(): Tls13Schedule | undefined {
    return this.#schedule;
  }

  /** Both sides' Finished were seen. */
  get isDone(): boolean {
    return this.facts.isFinished.client && this.facts.isFinished.server;
  }

  /** A message of the handshake could not be read: nothing after it can be checked against the transcript. */
  markIncomplete(): void {
    if (!this.isDone) this.#transcript.isBroken = true;
    else if (this.#late !== undefined) this.#late.isBroken = true;
  }

  /** Takes the next message and gives what could be checked with it. */
  handle(received: ReceivedMessage): CheckResult[] {
    const results = [...this.#handle(received), ...this.secrets.compare()];
    this.facts.checks.push(...results);
    return results;
  }

  #handle({ sender, message, trafficSecret }: ReceivedMessage): CheckResult[] {
    const { facts } = this;
    const { body, octets } = message;
    switch (body.kind) {
      case 'client-hello':
        return this.#onClientHello(body, octets);
      case 'server-hello':
        return this.#onServerHello(body, octets);
      case 'hello-retry-request':
        return this.#onRetry(body, octets);
      case 'encrypted-extensions': {
        facts.encryptedExtensions = body.extensions;
        facts.alpn = extensionValue(body.extensions, 'protocols')?.protocols[0];
        const isAccepted = extensionOfType(body.extensions, EARLY_DATA) !== undefined;
        if (facts.earlyData === 'offered') facts.earlyData = isAccepted ? 'accepted' : 'rejected';
        break;
      }
      case 'certificate':
        return this.#onCertificate(sender, body, octets);
      case 'compressed-certificate': {
        const plain = this.#crypto.decompress(body.algorithm, body.compressed, body.uncompressedLength);
        const certificate = plain && decodeUncompressedCertificate(plain);
        if (certificate !== undefined) return this.#onCertificate(sender, certificate, octets);
        break;
      }
      case 'certificate-status':
        facts.ocspResponse = body.responses[0];
        break;
      case 'server-key-exchange':
        return this.#onServerKeyExchange(body, octets);
      case 'certificate-request':
        facts.certificateRequest = body;
        if (this.isTls13 && this.isDone) this.#late = new Transcript();
        break;
      case 'client-key-exchange':
        facts.clientKeyExchange = body;
        this.#add(octets);
        this.#deriveMaster();
        return [];
      case 'certificate-verify':
        return this.#onCertificateVerify(sender, body, octets);
      case 'finished':
        return this.#onFinished(sender, body.verifyData, octets, trafficSecret);
      case 'new-session-ticket':
        facts.tickets.push(body);
        if (this.isTls13) return [];
        break;
      case 'key-update':
      case 'hello-request':
        return [];
      case 'server-hello-done':
      case 'end-of-early-data':
      case 'undecoded':
        break;
    }
    this.#add(octets);
    return [];
  }

  /** Octets go to the transcript of the handshake, or to the one of what follows it. */
  #add(octets: Uint8Array): void {
    if (!this.isDone) this.#transcript.add(octets);
    else this.#late?.add(octets);
  }

  /** The messages so far; undefined where one is missing. */
  #messages(...more: readonly Uint8Array[]): Uint8Array | undefined {
    if (this.#transcript.isBroken || this.#late?.isBroken === true) return undefined;
    return this.#transcript.octets(this.#late?.octets() ?? new Uint8Array(0), ...more);
  }

  #onClientHello(hello: ClientHelloBody, octets: Uint8Array): CheckResult[] {
    const { facts } = this;
    facts.firstHello ??= hello;
    facts.clientHello = hello;
    const offersEarly = extensionOfType(hello.extensions, EARLY_DATA) !== undefined;
    facts.earlyData = offersEarly
      ? 'offered'
      : facts.retry !== undefined && facts.earlyData !== 'none'
        ? 'rejected'
        : 'none';
    const results = this.#checkBinder(hello, octets);
    this.#transcript.add(octets);
    if (this.#earlySecret !== undefined && facts.retry === undefined) this.#deriveEarly(this.#earlySecret);
    return results;
  }

  /** The first identity's binder: HMAC over the hellos up to the binders themselves (RFC 8446 section 4.2.11.2). */
  #checkBinder(hello: ClientHelloBody, octets: Uint8Array): CheckResult[] {
    const offered = extensionValue(hello.extensions, 'offered-psks');
    const { psk, isExternalPsk } = this.#known;
    const binder = offered?.binders[0];
    if (offered === undefined || binder === undefined) return [];
    if (psk === undefined) return [unchecked('psk-binder', 'client', 'no-secret')];
    // A ticket's key is as long as the hash of the suite that it came under.
    const schedule = new Tls13Schedule(this.#crypto, psk.length === 48 ? 'sha384' : 'sha256');
    this.#earlySecret = schedule.earlySecret(psk);
    const key = schedule.binderKey(this.#earlySecret, isExternalPsk === true ? 'ext' : 'res');
    const hash = schedule.hashOf(this.#transcript.octets(octets.subarray(0, offered.bindersStart)));
    return [outcome('psk-binder', 'client', sameBytes(schedule.verifyData(key, hash), binder), '')];
  }

  #deriveEarly(earlySecret: Uint8Array): void {
    const hash: TlsHash = earlySecret.length === 48 ? 'sha384' : 'sha256';
    const schedule = new Tls13Schedule(this.#crypto, hash);
    const transcript = schedule.hashOf(this.#transcript.octets());
    const { secrets } = this;
    secrets.setDerived(labels.CLIENT_EARLY_TRAFFIC_SECRET, schedule.derive(earlySecret, 'c e traffic', transcript));
    secrets.setDerived(labels.EARLY_EXPORTER_SECRET, schedule.derive(earlySecret, 'e exp master', transcript));
  }

  #settle(answer: ServerHelloBody): CheckResult[] {
    const { facts } = this;
    facts.version = answer.version;
    facts.cipherSuite = answer.cipherSuite;
    const hash = scheduleHash(answer.cipherSuite, answer.version);
    if (answer.version === TLS_1_3 && hash !== undefined && hash !== 'md5-sha1') {
      this.#schedule = new Tls13Schedule(this.#crypto, hash);
    }
    return facts.clientHello === undefined ? [] : [checkNegotiation(facts.clientHello, answer, facts.retry)];
  }

  #onRetry(retry: ServerHelloBody, octets: Uint8Array): CheckResult[] {
    const results = this.#settle(retry);
    this.facts.retry = retry;
    const schedule = this.#schedule;
    if (schedule === undefined) this.#transcript.isBroken = true;
    else this.#transcript.replaceByHash((data) => schedule.hashOf(data));
    this.#transcript.add(octets);
    return results;
  }

  #onServerHello(hello: ServerHelloBody, octets: Uint8Array): CheckResult[] {
    const { facts } = this;
    const results = this.#settle(hello);
    facts.serverHello = hello;
    const downgrade = facts.clientHello && checkDowngrade(facts.clientHello, hello);
    if (downgrade !== undefined) results.push(downgrade);
    this.#transcript.add(octets);
    if (this.isTls13) {
      facts.group = extensionValue(hello.extensions, 'key-share')?.share.group;
      facts.isResumed = extensionValue(hello.extensions, 'selected-psk') !== undefined;
      this.#deriveHandshake();
      return results;
    }
    facts.alpn = extensionValue(hello.extensions, 'protocols')?.protocols[0];
    // A server that resumes echoes the client's session id (RFC 5246 section 7.4.1.3, RFC 5077 section 3.4).
    const asked = facts.clientHello?.sessionId;
    facts.isResumed = asked !== undefined && asked.length > 0 && sameBytes(asked, hello.sessionId);
    const saved = this.#known.resumedMasterSecret;
    if (facts.isResumed && saved !== undefined) this.secrets.setDerived(labels.CLIENT_RANDOM, saved);
    return results;
  }

  /** The ladder of TLS 1.3 as far as its inputs are known. */
  #deriveHandshake(): void {
    const schedule = this.#schedule;
    const { sharedSecret } = this.#known;
    if (schedule === undefined || (sharedSecret === undefined && this.facts.group !== undefined)) return;
    const early = this.facts.isResumed ? this.#earlySecret : schedule.earlySecret();
    if (early === undefined) return;
    const handshake = schedule.handshakeSecret(early, sharedSecret);
    const hash = schedule.hashOf(this.#transcript.octets());
    const { secrets } = this;
    secrets.setDerived(labels.CLIENT_HANDSHAKE_TRAFFIC_SECRET, schedule.derive(handshake, 'c hs traffic', hash));
    secrets.setDerived(labels.SERVER_HANDSHAKE_TRAFFIC_SECRET, schedule.derive(handshake, 's hs traffic', hash));
    this.#masterSecret = schedule.masterSecret(handshake);
  }

  #deriveApplication(): void {
    const [schedule, master] = [this.#schedule, this.#masterSecret];
    const messages = this.#messages();
    if (schedule === undefined || master === undefined || messages === undefined) return;
    const hash = schedule.hashOf(messages);
    const { secrets } = this;
    secrets.setDerived(labels.CLIENT_TRAFFIC_SECRET_0, schedule.derive(master, 'c ap traffic', hash));
    secrets.setDerived(labels.SERVER_TRAFFIC_SECRET_0, schedule.derive(master, 's ap traffic', hash));
    secrets.setDerived(labels.EXPORTER_SECRET, schedule.derive(master, 'exp master', hash));
  }

  /** The key of a ticket of this connection, for the hello that brings it; undefined where the ladder is not known. */
  resumptionPsk(ticketNonce: Uint8Array): Uint8Array | undefined {
    const [schedule, master] = [this.#schedule, this.#masterSecret];
    const messages = this.#messages();
    if (schedule === undefined || master === undefined || messages === undefined || !this.isDone) return undefined;
    return schedule.resumptionPsk(schedule.derive(master, 'res master', schedule.hashOf(messages)), ticketNonce);
  }

  #onCertificate(sender: Sender, certificate: CertificateBody, octets: Uint8Array): CheckResult[] {
    const { facts } = this;
    this.#add(octets);
    if (sender === 'client') {
      facts.clientCertificate = certificate;
      return [];
    }
    facts.serverCertificate = certificate;
    const status = certificate.entries[0] && extensionValue(certificate.entries[0].extensions, 'certificate-status');
    if (status !== undefined) facts.ocspResponse = status.response;
    return [checkScts(countScts(certificate.entries, facts.serverHello?.extensions ?? []))];
  }

  #onServerKeyExchange(body: ServerKeyExchangeBody, octets: Uint8Array): CheckResult[] {
    const { facts } = this;
    facts.serverKeyExchange = body;
    facts.serverSignature = body.signature;
    if (body.parameters.kind === 'ecdhe') facts.group = body.parameters.group;
    this.#add(octets);
    const { clientHello, serverHello, serverCertificate } = facts;
    if (clientHello === undefined || serverHello === undefined) return [];
    const { random } = clientHello;
    return [checkServerKeyExchange(this.#crypto, serverCertificate, body, octets, random, serverHello.random)];
  }

  #onCertificateVerify(sender: Sender, signature: TlsSignature, octets: Uint8Array): CheckResult[] {
    const { facts } = this;
    const messages = this.#messages();
    const schedule = this.#schedule;
    let signed = messages;
    if (schedule !== undefined && messages !== undefined) {
      signed = certificateVerifyContent(sender, schedule.hashOf(messages));
    }
    if (sender === 'server') facts.serverSignature = signature;
    else facts.clientSignature = signature;
    const certificate = sender === 'server' ? facts.serverCertificate : facts.clientCertificate;
    this.#add(octets);
    return [checkCertificateVerify(this.#crypto, sender, certificate, signature, signed)];
  }

  #onFinished(
    sender: Sender,
    verifyData: Uint8Array,
    octets: Uint8Array,
    trafficSecret: Uint8Array | undefined,
  ): CheckResult[] {
    const result = this.#checkFinished(sender, verifyData, trafficSecret);
    this.#add(octets);
    if (this.isDone) this.#late = undefined;
    this.facts.isFinished[sender] = true;
    if (sender === 'server' && this.isTls13) this.#deriveApplication();
    return [result];
  }

  #checkFinished(sender: Sender, verifyData: Uint8Array, trafficSecret: Uint8Array | undefined): CheckResult {
    const messages = this.#messages();
    if (messages === undefined) return unchecked('finished', sender, 'transcript-incomplete');
    if (this.#schedule !== undefined) {
      if (trafficSecret === undefined) return unchecked('finished', sender, 'no-secret');
      const expected = this.#schedule.verifyData(trafficSecret, this.#schedule.hashOf(messages));
      return outcome('finished', sender, sameBytes(expected, verifyData), '');
    }
    const hash = this.#prfHash();
    const master = this.secrets.find(labels.CLIENT_RANDOM);
    if (hash === undefined || master === undefined) return unchecked('finished', sender, 'no-secret');
    const digest = this.#crypto.hash(hash, messages);
    const expected = verifyData12(this.#crypto, hash, master.octets, sender, digest);
    return outcome('finished', sender, sameBytes(expected, verifyData), '');
  }

  #prfHash(): PrfHash | undefined {
    const { version, cipherSuite } = this.facts;
    return version === undefined || cipherSuite === undefined ? undefined : scheduleHash(cipherSuite, version);
  }

  /** TLS 1.2: the master secret from a premaster secret that somebody knows. */
  #deriveMaster(): void {
    const { preMasterSecret } = this.#known;
    const { clientHello, serverHello } = this.facts;
    const hash = this.#prfHash();
    if (preMasterSecret === undefined || clientHello === undefined || serverHello === undefined || hash === undefined) {
      return;
    }
    const messages = this.#messages();
    const isExtended = extensionOfType(serverHello.extensions, EXTENDED_MASTER_SECRET) !== undefined;
    if (!isExtended) {
      const { random } = clientHello;
      const master = masterSecret(this.#crypto, hash, preMasterSecret, random, serverHello.random);
      this.secrets.setDerived(labels.CLIENT_RANDOM, master);
    } else if (messages !== undefined) {
      const digest = this.#crypto.hash(hash, messages);
      this.secrets.setDerived(labels.CLIENT_RANDOM, extendedMasterSecret(this.#crypto, hash, preMasterSecret, digest));
    }
  }

  /** TLS 1.2: one direction's keys out of the key block; undefined while the master secret is not known. */
  directionKeys(sender: Sender): DirectionKeys | undefined {
    const { clientHello, serverHello } = this.facts;
    const master = this.secrets.find(labels.CLIENT_RANDOM);
    const hash = this.#prfHash();
    if (clientHello === undefined || serverHello === undefined || master === undefined || hash === undefined) {
      return undefined;
    }
    const suite = suiteProtection(serverHello.cipherSuite);
    if (suite === undefined) return undefined;
    const keys = cutKeyBlock(suite, serverHello.version, (length) =>
      keyBlock(this.#crypto, hash, master.octets, clientHello.random, serverHello.random, length),
    );
    return keys[sender];
  }
}
