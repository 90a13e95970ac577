/** Messages to and from name servers as observations. */
import { formatRecord } from '../../codec/dns/record-text.ts';
import { rcodeName, typeName } from '../../codec/dns/registry.ts';
import type { DnsStep } from '../../dns/step.ts';
import type { Detail } from '../../story/observation.ts';
import type { Sighting } from '../../story/stages.ts';

/** The question and what came of it, in this order. `startedAtMs` is when the trace began, milliseconds since the epoch. */
export function tellStep(step: DnsStep, startedAtMs: number): Sighting[] {
  const { server, serverName, question, protocol, sent, received, message, startedMs, durationMs, outcome } = step;
  const place = server.port === 53 ? server.address : `${server.address}#${server.port}`;
  const peer = serverName === '' ? place : `${serverName.replace(/\.$/, '')} (${place})`;
  const atMs = Math.max(0, startedMs - startedAtMs);
  const asked: Sighting = {
    label: 'name.question',
    values: { name: question.name, type: typeName(question.type), server: place, depth: step.depth },
    direction: 'sent',
    peer,
    atMs,
    octets: sent,
    details: [{ label: 'field.transport', value: protocol.toUpperCase() }],
  };
  const common = { peer, atMs: atMs + durationMs, ...(received !== undefined && { octets: received }) };
  if (message === undefined) {
    const reason =
      outcome.kind === 'no-answer' ? [outcome.failure, outcome.detail].filter(Boolean).join(' ') : outcome.kind;
    const direction = received === undefined ? 'here' : 'received';
    const known = received === undefined ? 'inferred' : 'seen';
    return [asked, { ...common, label: 'name.no-reply', values: { reason, ms: round(durationMs) }, direction, known }];
  }
  const rcode = rcodeName(message.rcode);
  const records = [
    ...message.answers.map((record) => ['field.answer', record] as const),
    ...message.authorities.map((record) => ['field.authority', record] as const),
    ...message.additionals.map((record) => ['field.additional', record] as const),
  ];
  const details: Detail[] = records.map(([label, record]) => ({
    label,
    value: formatRecord(record),
    fine: label !== 'field.answer',
  }));
  if (outcome.kind === 'referral') {
    const values = { rcode, zone: outcome.zone, ms: round(durationMs) };
    return [asked, { ...common, label: 'name.referral', values, direction: 'received', details }];
  }
  const told = message.answers.map((record) => formatRecord(record).split(' ').slice(3).join(' ')).slice(0, 6);
  const answers = told.length === 0 ? outcomeText(step) : told.join(', ');
  return [
    asked,
    {
      ...common,
      label: 'name.reply',
      values: { rcode, answers, ms: round(durationMs) },
      direction: 'received',
      details,
    },
  ];
}

/** The outcome's own name where no record says it: `no-data`, `lame`, `truncated`. */
const outcomeText = ({ outcome }: DnsStep): string => (outcome.kind === 'answer' ? '-' : outcome.kind);

const round = (ms: number): number => Math.round(ms * 10) / 10;
