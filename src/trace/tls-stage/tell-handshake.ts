/** The stage "tls": what passed, message by message, what was agreed on, and what that means. */
import { judgeHeartbeat, judgeTlsChecks } from '../../story/rules/tls-checks.ts';
import { judgeTlsChoices } from '../../story/rules/tls-choices.ts';
import type { OpenStage } from '../../story/stages.ts';
import type { HandshakeResult, HandshakeSettings } from '../connect/shake-hands.ts';
import { tellItem } from './tell-items.ts';

/** Tells a connection's TLS as it goes on: the handshake first, what came after it when the connection is closed. */
export class TlsTelling {
  readonly #stage: OpenStage;
  readonly #result: HandshakeResult;
  readonly #settings: HandshakeSettings;
  /** The first item not told yet. */
  #next = 0;

  constructor(stage: OpenStage, result: HandshakeResult, settings: HandshakeSettings) {
    this.#stage = stage;
    this.#result = result;
    this.#settings = settings;
  }

  /** Messages that came since the last time. */
  tell(): void {
    const { items } = this.#result.readAlong();
    for (; this.#next < items.length; this.#next += 1) {
      const sighting = tellItem(items[this.#next]!);
      if (sighting !== undefined) this.#stage.observe(sighting);
    }
  }

  /** What was agreed on, where the handshake came to its end. */
  tellAgreement(): void {
    const { agreement } = this.#result;
    if (agreement === undefined) return;
    const { protocol, cipherSuite, group, alpn, resumed } = agreement;
    if (resumed) this.#stage.observe({ label: 'tls.resumed', known: 'inferred' });
    const { serverName } = this.#settings;
    this.#stage.observe({
      label: 'tls.agreed',
      values: { version: protocol.replace('v', ' '), cipherSuite, group: group === undefined ? '' : `, ${group}` },
      details: [
        { label: 'field.version', value: protocol, fine: true },
        { label: 'field.cipher-suite', value: cipherSuite, fine: true },
        ...(group === undefined ? [] : [{ label: 'field.group', value: group, fine: true } as const]),
        { label: 'field.alpn', value: alpn ?? '-' },
        { label: 'field.server-name', value: serverName === '' ? '-' : serverName },
      ],
    });
  }

  /** The connection is closed, or was never made: no secret will come any more. */
  finish(): void {
    const conversation = this.#result.readAlong();
    conversation.finish();
    this.tell();
    const facts = conversation.handshake;
    if (facts.serverHello !== undefined) this.#stage.conclude(...judgeTlsChoices(facts));
    this.#stage.conclude(...judgeTlsChecks(facts.checks));
    for (const item of conversation.items) {
      const overlong = item.kind === 'heartbeat' ? judgeHeartbeat(item) : undefined;
      if (overlong !== undefined) this.#stage.conclude(overlong);
    }
  }
}
