import { startNamed, type Named, type View } from './named.ts';

/** A small Internet on loopback addresses: a root, a top-level domain, a zone with everything, and what is broken. */
export const ROOT = '127.53.0.1';
export const TLD = '127.53.0.2';
export const ZONE = '127.53.0.3';
/** Where tests put a server of their own. */
export const OTHER = '127.53.0.4';
/** Nobody is ever here. */
export const NOBODY = '127.53.0.9';

export const UPDATE_SECRET = 'bWVuc2hlbi10ZXN0LWtleS1vZi0zMi1vY3RldHMtISE=';
export const OTHER_SECRET = 'bWVuc2hlbi10ZXN0LWtleS1vZi02NC1vY3RldHMtLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLQ==';

const soa = (mname: string): string => `@ 300 IN SOA ${mname} hostmaster.${mname} 1 3600 600 86400 60\n`;

const root = `$TTL 300
${soa('a.root.test.')}@ NS a.root.test.
a.root.test. A ${ROOT}
test. NS ns.nic.test.
ns.nic.test. A ${TLD}
`;

const tld = `$TTL 300
${soa('ns.nic.test.')}@ NS ns.nic.test.
ns.nic A ${TLD}
example NS ns1.example.test.
example NS ns2.example.test.
ns1.example A ${ZONE}
ns2.example A ${ZONE}
glueless NS ns1.example.test.
lame NS ns.lame.test.
ns.lame A ${ZONE}
dead NS ns.dead.test.
ns.dead A ${NOBODY}
circle-a NS ns.circle-b.test.
circle-b NS ns.circle-a.test.
`;

const big = Array.from({ length: 30 }, (_, at) => `big TXT "${String(at).padStart(3, '0')}${'x'.repeat(97)}"`).join(
  '\n',
);

const example = `$TTL 120
${soa('ns1.example.test.')}@ NS ns1.example.test.
@ NS ns2.example.test.
ns1 A ${ZONE}
ns2 A ${ZONE}
@ CAA 0 issue "ca.test; validationmethods=dns-01"
@ CAA 0 iodef "mailto:hostmaster@example.test"
www A 192.0.2.1
www A 192.0.2.2
www AAAA 2001:db8::1
www HTTPS 1 . alpn="h2,http/1.1" ipv4hint=192.0.2.1
alias CNAME www
far CNAME alias.glueless.test.
loop1 CNAME loop2
loop2 CNAME loop1
text TXT "one" "two"
site CNAME web.glueless.test.
elsewhere A 127.53.0.99
elsewhere A 127.53.0.98
mail MX 10 www
_https._tcp SRV 1 2 443 www
odd TYPE65280 \\# 4 01020304
a.b.ent A 192.0.2.3
*.wild A 192.0.2.4
${big}
_acme-challenge NS responder.example.test.
responder A ${OTHER}
`;

const glueless = `$TTL 120
${soa('ns1.example.test.')}@ NS ns1.example.test.
alias CNAME www.example.test.
web A 127.0.0.1
@ A 192.0.2.9
`;

const dynamic = `$TTL 120
${soa('ns1.example.test.')}@ NS ns1.example.test.
`;

export const zoneView: View = {
  address: ZONE,
  zones: {
    'example.test': example,
    'glueless.test': glueless,
    'dynamic.example.test': {
      text: dynamic,
      options: 'update-policy { grant acme-key subdomain dynamic.example.test. TXT; grant other-key zonesub ANY; };',
    },
  },
};

export const keys = `key "acme-key" { algorithm hmac-sha256; secret "${UPDATE_SECRET}"; };
key "other-key" { algorithm hmac-sha512; secret "${OTHER_SECRET}"; };
`;

/** Starts the world; `port` 0 takes a free one. */
export const startWorld = (port = 0): Promise<Named> =>
  startNamed({
    port,
    top: keys,
    views: [{ address: ROOT, zones: { '.': root } }, { address: TLD, zones: { test: tld } }, zoneView],
  });

export const hints = [{ name: 'a.root.test.', addresses: [ROOT] }];

/** The same as a file of hints for a recursive server. */
export const hintsText = `. 300 NS a.root.test.\na.root.test. 300 A ${ROOT}\n`;
