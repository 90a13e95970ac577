// One HTTPS request, each stage with how long it took and what came of it.
// Run it: npx jiti examples/trace.ts https://example.com/ [TRUST-STORE]
import { tellFinding, tellObservation, trace } from 'menshen';

const [url = 'https://example.com/', store = 'system'] = process.argv.slice(2);
const { story, decisive } = await trace(url, { trust: [store], timeoutMs: 20_000 });

for (const { name, title, startMs, endMs, observations, findings } of story.stages) {
  console.log(`${name} ${title} (${(endMs - startMs).toFixed(1)} ms)`);
  const last = observations.at(-1);
  if (last) console.log(`  ${await tellObservation(last, 'en')}`);
  for (const finding of findings)
    if (finding.severity === 'error') console.log(`  ✗ ${tellFinding(finding, 'en').cause}`);
}
console.log(decisive ? `failed: ${decisive.code}` : 'all went well');
