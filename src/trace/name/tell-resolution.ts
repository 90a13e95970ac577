/** What resolving a name came to: observations of every message, and findings where there is no address. */
import { RecordType, typeName } from '../../codec/dns/registry.ts';
import { formatRecordData } from '../../codec/dns/record-text.ts';
import type { Resolution } from '../../dns/resolution.ts';
import { explainResolution, tellServer } from '../../dns/explain.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { OpenStage } from '../../story/stages.ts';
import { tellStep } from './tell-steps.ts';

/** Tells the answers to the questions for both families. The findings are empty where there is an address. */
export function tellResolution(
  stage: OpenStage,
  host: string,
  answers: readonly Resolution[],
  startedAtMs: number,
): Finding[] {
  for (const answer of answers) {
    for (const step of answer.steps) for (const sighting of tellStep(step, startedAtMs)) stage.observe(sighting);
    tellSource(stage, host, answer);
  }
  if (answers.some(({ kind }) => kind === 'found')) return [];
  const [worst] = answers.toSorted((a, b) => weight(b) - weight(a));
  const found = worst && explainResolution(worst);
  if (found === undefined) return [];
  // Neither family has an address: that is what is missing, not one type of it.
  if (found.code === 'dns-no-data') return [finding('dns-no-data', { ...found.values, type: 'A / AAAA' })];
  // The time of the whole trace ran out while name servers were waited for.
  const asked = new Set(answers.flatMap(({ steps }) => steps.map(({ server }) => tellServer(server))));
  if (found.code === 'dns-aborted' && asked.size > 0)
    return [finding('dns-timeout', { name: host, servers: [...asked].join(', ') })];
  return [found];
}

/** The HTTPS record: told where there is one, or where servers were asked for it. */
export function tellService(stage: OpenStage, host: string, answer: Resolution, startedAtMs: number): undefined {
  for (const step of answer.steps) for (const sighting of tellStep(step, startedAtMs)) stage.observe(sighting);
  tellSource(stage, host, answer);
}

/** A denial of the name says more than a lack of one type; a failure says that nobody knows. */
const weight = ({ kind }: Resolution): number => ['found', 'no-data', 'failed', 'no-such-name'].indexOf(kind);

function tellSource(stage: OpenStage, host: string, answer: Resolution): void {
  if (answer.kind !== 'found') return;
  const addresses = answer.records.map(({ data }) => formatRecordData(data)).join(', ');
  const values = { host, addresses };
  const type = typeName(answer.type);
  const details = answer.aliases.map(({ name, data }) => ({
    label: { literal: 'CNAME' },
    value: `${name} → ${formatRecordData(data)}`,
  }));
  switch (answer.source) {
    case 'special-name':
      stage.observe({ label: 'name.localhost', values });
      break;
    case 'hosts-file':
      stage.observe({ label: 'name.hosts', values });
      break;
    case 'process-cache':
    case 'file-cache': {
      const ttl = Math.min(...answer.records.map((record) => record.ttl));
      stage.observe({ label: `name.${answer.source}`, values: { ...values, ttl, type }, details });
      break;
    }
    case 'address':
    case 'server': {
      const ttl = Math.min(...answer.records.map((record) => record.ttl));
      const label = answer.type === RecordType.HTTPS ? 'name.service' : 'name.answer';
      stage.observe({ label, values: { ...values, ttl, type }, details });
      break;
    }
  }
}
