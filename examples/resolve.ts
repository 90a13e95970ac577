// How a name becomes an address: who was asked, and what they said. `--iterative` begins at the root servers.
// Run it: npx jiti examples/resolve.ts example.com AAAA --iterative
import { createResolver, explainResolution, tellFinding } from 'menshen';

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const [name = 'example.com', type = 'A'] = words;
const resolver = await createResolver({ iterative: process.argv.includes('--iterative') });
const resolution = await resolver.resolve(name, type);

for (const { server, zone, protocol } of resolution.steps)
  console.log(`asked ${server.address} (${zone}) over ${protocol}`);
if (resolution.kind === 'found')
  for (const { data } of resolution.records) console.log('address' in data ? data.address : data);
const finding = explainResolution(resolution);
if (finding) console.log(tellFinding(finding, 'en').cause);
