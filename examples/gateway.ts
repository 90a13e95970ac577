// A gateway inside a program: an app of its own behind https://app.localhost:8443, and every certificate event told.
// Run it: npx jiti examples/gateway.ts [PORT [STATE-FOLDER]]      (Node 23.6 and later: node examples/gateway.ts)
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway, tellFinding, type UserConfig } from 'menshen';

const app = http.createServer((_request, response) => response.end('hello from the app\n'));
await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));

const [port = '8443', state] = process.argv.slice(2);
const config: UserConfig = {
  listen: { host: '127.0.0.1', https: Number(port), http: 0 },
  sites: { 'app.localhost': (app.address() as AddressInfo).port },
  state,
};

const gateway = await createGateway(config, {
  onCertificateEvent: (event) => {
    console.log(event.type, event.names.join(', '));
    if (event.type === 'failed') console.log(tellFinding(event.finding, 'en').mend);
  },
});
process.once('SIGINT', async () => {
  await gateway.drain();
  app.close();
});

await gateway.start();
console.log(`ready: ${gateway.addresses.join(', ')}`);

// With a mistake in the new configuration the former one goes on, and the findings say why.
for (const finding of await gateway.reload({ ...config, forwarded: true }))
  console.log(tellFinding(finding, 'en').cause);
