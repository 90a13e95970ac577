// Is the certificate of a host to be trusted, and if not, why?
// Run it: npx jiti examples/verify.ts example.com [TRUST-STORE]
import { tellFinding, verifyCertificate } from 'menshen';

const [host = 'example.com', store = 'system'] = process.argv.slice(2);
const report = await verifyCertificate(host, { trust: [store], timeoutMs: 5_000 });

console.log(`${host}: ${report.trusted ? 'trusted' : `not to be trusted (${report.cause})`}`);
for (const { sign, finding } of report.lines) {
  if (sign !== 'bad') continue;
  const { cause, mend } = tellFinding(finding, 'en');
  console.log(`  ${cause}\n  → ${mend}`);
}
