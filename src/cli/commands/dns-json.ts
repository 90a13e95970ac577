import { formatRecordData } from '../../codec/dns/record-text.ts';
import { rcodeName, typeName } from '../../codec/dns/registry.ts';
import type { KeptRecord, Resolution } from '../../dns/resolution.ts';
import type { DnsStep } from '../../dns/step.ts';
import { tellFinding } from '../../story/finding.ts';
import type { DnsPage } from './dns-report.ts';

/** The page as JSON: everything that the text tells, and the octets of every message. Times in milliseconds, TTLs in seconds. */
export function dnsJson({ resolutions, all, findings, language, exitCode }: DnsPage): string {
  const document = {
    exitCode,
    resolutions: resolutions.map(plainResolution),
    ...(all !== undefined && {
      servers:
        'views' in all
          ? {
              zone: all.zone,
              name: all.canonicalName,
              type: typeName(all.type),
              views: all.views.map(({ server, serverName, records, outcome }) => ({
                server,
                serverName,
                outcome: outcome?.kind ?? 'no-address',
                records: records.map(plainRecord),
              })),
              steps: all.steps.map(plainStep),
            }
          : { failure: all.failure, steps: all.steps.map(plainStep) },
    }),
    findings: findings.map((found) => ({ ...found, ...tellFinding(found, language) })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function plainResolution(resolution: Resolution): object {
  const { name, type, kind, canonicalName, source, learntAtMs, aliases, steps } = resolution;
  return {
    name,
    type: typeName(type),
    kind,
    canonicalName,
    source,
    ...(learntAtMs !== undefined && { learntAtMs }),
    aliases: aliases.map(plainRecord),
    records: resolution.kind === 'found' ? resolution.records.map(plainRecord) : [],
    ...((resolution.kind === 'no-data' || resolution.kind === 'no-such-name') &&
      resolution.soa !== undefined && { soa: plainRecord(resolution.soa) }),
    ...(resolution.kind === 'failed' && { failure: resolution.failure }),
    steps: steps.map(plainStep),
  };
}

const plainRecord = ({ name, type, ttl, data }: KeptRecord): object => ({
  name,
  ttl,
  type: typeName(type),
  data: formatRecordData(data),
});

function plainStep(step: DnsStep): object {
  const { server, serverName, zone, question, protocol, startedMs, durationMs, outcome, depth, sent, received } = step;
  const { message } = step;
  return {
    server,
    serverName,
    zone,
    question: { name: question.name, type: typeName(question.type) },
    protocol,
    startedMs,
    durationMs,
    depth,
    outcome,
    ...(message !== undefined && {
      response: {
        rcode: rcodeName(message.rcode),
        authoritative: message.authoritative,
        truncated: message.truncated,
        recursionAvailable: message.recursionAvailable,
        answers: message.answers.map(plainRecord),
        authorities: message.authorities.map(plainRecord),
        additionals: message.additionals.filter(({ data }) => data.kind !== 'OPT').map(plainRecord),
        ...(message.edns !== undefined && {
          edns: { udpPayloadSize: message.edns.udpPayloadSize, extendedErrors: message.edns.extendedErrors },
        }),
      },
    }),
    sent: Buffer.from(sent).toString('hex'),
    ...(received !== undefined && { received: Buffer.from(received).toString('hex') }),
  };
}
