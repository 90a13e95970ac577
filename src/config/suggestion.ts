import { distance } from 'fastest-levenshtein';

/** What settings are called in other servers, and what they are called here. */
const otherNames: Readonly<Record<string, string>> = {
  upstream: 'to',
  upstreams: 'to',
  target: 'to',
  targets: 'to',
  proxy: 'to',
  proxypass: 'to',
  proxy_pass: 'to',
  reverse_proxy: 'to',
  backend: 'to',
  backends: 'to',
  server: 'sites',
  servers: 'sites',
  hosts: 'sites',
  domains: 'sites',
  routes: 'sites',
  virtualhosts: 'sites',
  mail: 'email',
  ssl: 'tls',
  mtls: 'clientAuth',
  mutualtls: 'clientAuth',
  client_auth: 'clientAuth',
  cert: 'certificate',
  certificates: 'certificate',
  ssl_certificate: 'certificate',
  certfile: 'cert',
  keyfile: 'key',
  ca_file: 'ca',
  cafile: 'ca',
  folder: 'root',
  directory: 'root',
  dir: 'root',
  static: 'root',
  try_files: 'fallback',
  proxies: 'trustedProxies',
  trust_proxy: 'trustedProxies',
  language: 'lang',
  locale: 'lang',
  logging: 'log',
  logformat: 'log',
  metrics: 'admin',
  datadir: 'state',
  port: 'listen',
  ports: 'listen',
  address: 'host',
  processes: 'workers',
  profile: 'tls',
};

/**
 * The name among `known` that was probably meant: by another server's word for it, else the nearest without regard to
 * case. Undefined where nothing is near.
 */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const lower = written.toLowerCase();
  const translated = Object.hasOwn(otherNames, lower) ? otherNames[lower] : undefined;
  if (translated !== undefined && known.includes(translated)) return translated;
  let best: string | undefined;
  // A third of the letters may be wrong: `clientAth`, `tiemouts`; not `to` for `tls`.
  let least = Math.max(1, Math.floor(written.length / 3)) + 1;
  for (const name of known) {
    const apart = apartness(lower, name.toLowerCase());
    if (apart < least && apart < name.length) {
      least = apart;
      best = name;
    }
  }
  return best;
}

/** Edit distance, where letters in another order (`emial`) and a word cut short (`keepalive`, `1.3`) count as one edit. */
function apartness(written: string, name: string): number {
  if (written === name) return 0;
  if (lettersOf(written) === lettersOf(name)) return 1;
  if (written.length > 2 && (name.startsWith(written) || name.endsWith(written))) return 1;
  return distance(written, name);
}

function lettersOf(word: string): string {
  return word.split('').sort().join('');
}
