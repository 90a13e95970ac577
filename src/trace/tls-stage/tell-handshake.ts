/** The stage "tls": what passed in a handshake, message by message, and what was agreed on. */
import type { OpenStage } from '../../story/stages.ts';
import type { HandshakeResult, HandshakeSettings } from '../connect/shake-hands.ts';
import type { WireTap } from '../connect/wire-tap.ts';

export interface HandshakeTelling {
  readonly stage: OpenStage;
  readonly tap: WireTap;
  readonly result: HandshakeResult;
  readonly settings: HandshakeSettings;
}

export function tellHandshake({ stage, result, settings }: HandshakeTelling): void {
  const { agreement } = result;
  if (agreement === undefined) return;
  const { protocol, cipherSuite, group, alpn, resumed } = agreement;
  if (resumed) stage.observe({ label: 'tls.resumed', known: 'inferred' });
  stage.observe({
    label: 'tls.agreed',
    values: { version: protocol.replace('v', ' '), cipherSuite, group: group === undefined ? '' : `, ${group}` },
    details: [
      { label: 'field.version', value: protocol },
      { label: 'field.cipher-suite', value: cipherSuite },
      ...(group === undefined ? [] : [{ label: 'field.group', value: group } as const]),
      { label: 'field.alpn', value: alpn ?? '-' },
      { label: 'field.server-name', value: settings.serverName === '' ? '-' : settings.serverName },
    ],
  });
}
