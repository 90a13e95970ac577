/** The stages "route" and "tcp" as observations, where no packets were captured: what follows, and what the kernel told. */
import type { Detail } from '../../story/observation.ts';
import type { OpenStage } from '../../story/stages.ts';
import type { NoteKey } from '../../story/words/index.ts';
import type { ConnectTry } from './happy-eyeballs.ts';
import type { Endpoints, TcpFacts } from './kernel-facts.ts';
import type { Route } from './route.ts';

export function tellRoute(
  stage: OpenStage,
  chosen: ConnectTry,
  tries: readonly ConnectTry[],
  addresses: readonly string[],
  route: Route | undefined,
): void {
  const { address, startMs } = chosen;
  const why = whyChosen(chosen, tries, addresses);
  const details: Detail[] = [{ label: 'field.address', value: address, note: { key: why } }];
  if (route === undefined) {
    stage.observe({ label: 'route.unknown', values: { address }, known: 'kernel', atMs: startMs, details });
    return;
  }
  const { device, gateway, source, local, toldBy } = route;
  details.push({ label: 'field.device', value: device });
  if (gateway !== undefined) details.push({ label: 'field.gateway', value: gateway });
  if (source !== undefined) details.push({ label: 'field.source', value: source });
  details.push({ label: 'field.told-by', value: toldBy });
  stage.observe({
    label: local ? 'route.local' : 'route.way',
    values: { address, device, gateway: gateway === undefined ? '' : ` → ${gateway}` },
    known: 'kernel',
    atMs: startMs,
    details,
  });
}

function whyChosen(chosen: ConnectTry, tries: readonly ConnectTry[], addresses: readonly string[]): NoteKey {
  if (addresses.length === 1) return 'why-only';
  if (addresses[0] === chosen.address) return 'why-first';
  return tries.some(({ outcome }) => outcome === 'abandoned') ? 'why-faster' : 'why-others-failed';
}

/** Each attempt; of the one that stands its three segments, which nobody saw. */
export function tellTries(stage: OpenStage, tries: readonly ConnectTry[], ends: Endpoints | undefined): void {
  for (const { address, port, startMs, endMs = startMs, outcome, reason } of tries) {
    const ms = tenths(endMs - startMs);
    const remote = formatEnd(address, port);
    stage.observe({
      label: 'tcp.syn',
      direction: 'sent',
      known: 'inferred',
      atMs: startMs,
      values: { address, port },
      details: [{ label: 'field.address', value: remote }],
    });
    if (outcome === 'connected' && ends !== undefined) {
      const local = formatEnd(ends.localAddress, ends.localPort);
      stage.observe({ label: 'tcp.syn-ack', direction: 'received', known: 'inferred', atMs: endMs, values: { ms } });
      stage.observe({ label: 'tcp.ack', direction: 'sent', known: 'inferred', atMs: endMs });
      stage.observe({
        label: 'tcp.connected',
        known: 'kernel',
        atMs: endMs,
        values: { local, remote },
        details: [{ label: 'field.local-port', value: String(ends.localPort) }],
      });
    } else if (outcome === 'failed')
      stage.observe({
        label: 'tcp.try-failed',
        // A refusal is an answer (RST); anything else is the kernel's own conclusion.
        direction: reason === 'ECONNREFUSED' ? 'received' : 'here',
        known: 'kernel',
        atMs: endMs,
        values: { address: host(address), port, ms, reason },
      });
    else if (outcome === 'abandoned')
      stage.observe({ label: 'tcp.try-abandoned', atMs: endMs, values: { address: host(address), port, ms } });
    else stage.observe({ label: 'tcp.try-timed-out', atMs: endMs, values: { address: host(address), port, ms } });
  }
}

export function tellKernel(stage: OpenStage, facts: TcpFacts, label: 'tcp.kernel' | 'tcp.kernel-after'): void {
  const { rttMs, minRttMs, mss, pathMtu, windowScale, congestionControl, congestionWindow, retransmitted } = facts;
  const details: Detail[] = [{ label: 'field.state', value: facts.state }];
  const add = (key: Parameters<typeof labelOf>[0], value: string | undefined, note?: NoteKey): void => {
    if (value !== undefined)
      details.push({ label: labelOf(key), value, ...(note !== undefined && { note: { key: note } }) });
  };
  const ms = (value: number | undefined): string | undefined => (value === undefined ? undefined : `${value} ms`);
  add('rtt', rttMs === undefined ? undefined : `${rttMs} ms ± ${facts.rttVarianceMs ?? 0}`);
  add('min-rtt', ms(minRttMs));
  add('mss', mss?.toString(), 'mss-note');
  add('pmtu', pathMtu?.toString());
  add('window-scale', windowScale && `${windowScale.theirs}, ${windowScale.ours}`, 'window-scale-note');
  add('congestion', congestionControl);
  add('congestion-window', congestionWindow?.toString());
  add('retransmitted', String(retransmitted));
  add('bytes-sent', facts.bytesSent?.toString());
  add('bytes-received', facts.bytesReceived?.toString());
  stage.observe({
    label,
    known: 'kernel',
    values: { rttMs: rttMs ?? '?', mss: mss ?? '?', retransmitted },
    details,
  });
}

const labelOf = <
  K extends
    | 'rtt'
    | 'min-rtt'
    | 'mss'
    | 'pmtu'
    | 'window-scale'
    | 'congestion'
    | 'congestion-window'
    | 'retransmitted'
    | 'bytes-sent'
    | 'bytes-received',
>(
  key: K,
): `field.${K}` => `field.${key}`;

const host = (address: string): string => (address.includes(':') ? `[${address}]` : address);
const formatEnd = (address: string, port: number): string => `${host(address)}:${port}`;

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
