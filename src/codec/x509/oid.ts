/** Object identifiers that certificates, CRLs and OCSP messages use, in dotted form. */
export const Oid = {
  // Attribute types of directory names (X.520, RFC 4519, RFC 2985).
  commonName: '2.5.4.3',
  surname: '2.5.4.4',
  serialNumber: '2.5.4.5',
  countryName: '2.5.4.6',
  localityName: '2.5.4.7',
  stateOrProvinceName: '2.5.4.8',
  streetAddress: '2.5.4.9',
  organizationName: '2.5.4.10',
  organizationalUnitName: '2.5.4.11',
  title: '2.5.4.12',
  businessCategory: '2.5.4.15',
  postalCode: '2.5.4.17',
  givenName: '2.5.4.42',
  dnQualifier: '2.5.4.46',
  organizationIdentifier: '2.5.4.97',
  userId: '0.9.2342.19200300.100.1.1',
  domainComponent: '0.9.2342.19200300.100.1.25',
  emailAddress: '1.2.840.113549.1.9.1',

  // Certificate extensions (RFC 5280 section 4.2).
  subjectDirectoryAttributes: '2.5.29.9',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  cRLDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extKeyUsage: '2.5.29.37',
  freshestCRL: '2.5.29.46',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  subjectInfoAccess: '1.3.6.1.5.5.7.1.11',
  /** RFC 7633, "must-staple". */
  tlsFeature: '1.3.6.1.5.5.7.1.24',
  /** RFC 8737, tls-alpn-01 challenge certificates. */
  acmeIdentifier: '1.3.6.1.5.5.7.1.31',
  /** RFC 6962. */
  signedCertificateTimestamps: '1.3.6.1.4.1.11129.2.4.2',
  precertificatePoison: '1.3.6.1.4.1.11129.2.4.3',

  // CRL and CRL entry extensions (RFC 5280 sections 5.2 and 5.3).
  cRLNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  deltaCRLIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  certificateIssuer: '2.5.29.29',

  // OCSP (RFC 6960 section 4, RFC 9654).
  ocspBasic: '1.3.6.1.5.5.7.48.1.1',
  ocspNonce: '1.3.6.1.5.5.7.48.1.2',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',

  // Access methods (RFC 5280 section 4.2.2).
  accessOcsp: '1.3.6.1.5.5.7.48.1',
  accessCaIssuers: '1.3.6.1.5.5.7.48.2',

  // Extended key usages (RFC 5280 section 4.2.1.12).
  anyExtendedKeyUsage: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',

  anyPolicy: '2.5.29.32.0',

  // Public keys (RFC 3279, RFC 5480, RFC 8410, RFC 4055).
  rsaEncryption: '1.2.840.113549.1.1.1',
  rsassaPss: '1.2.840.113549.1.1.10',
  mgf1: '1.2.840.113549.1.1.8',
  dsa: '1.2.840.10040.4.1',
  ecPublicKey: '1.2.840.10045.2.1',
  x25519: '1.3.101.110',
  x448: '1.3.101.111',
  ed25519: '1.3.101.112',
  ed448: '1.3.101.113',

  // Named curves (RFC 5480 section 2.1.1.1).
  p192: '1.2.840.10045.3.1.1',
  p224: '1.3.132.0.33',
  p256: '1.2.840.10045.3.1.7',
  p384: '1.3.132.0.34',
  p521: '1.3.132.0.35',

  // Hashes (RFC 3279, RFC 5754).
  md5: '1.2.840.113549.2.5',
  sha1: '1.3.14.3.2.26',
  sha224: '2.16.840.1.101.3.4.2.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const;

const attributeAbbreviations: ReadonlyMap<string, string> = new Map([
  [Oid.commonName, 'CN'],
  [Oid.surname, 'SN'],
  [Oid.serialNumber, 'serialNumber'],
  [Oid.countryName, 'C'],
  [Oid.localityName, 'L'],
  [Oid.stateOrProvinceName, 'ST'],
  [Oid.streetAddress, 'STREET'],
  [Oid.organizationName, 'O'],
  [Oid.organizationalUnitName, 'OU'],
  [Oid.title, 'title'],
  [Oid.businessCategory, 'businessCategory'],
  [Oid.postalCode, 'postalCode'],
  [Oid.givenName, 'GN'],
  [Oid.dnQualifier, 'dnQualifier'],
  [Oid.organizationIdentifier, 'organizationIdentifier'],
  [Oid.userId, 'UID'],
  [Oid.domainComponent, 'DC'],
  [Oid.emailAddress, 'emailAddress'],
]);

/** `CN`, `O`, … as RFC 4514 writes attribute types; the dotted form for types without a short name. */
export const attributeLabel = (oid: string): string => attributeAbbreviations.get(oid) ?? oid;

const names: ReadonlyMap<string, string> = new Map(Object.entries(Oid).map(([name, oid]) => [oid, name]));

/** The RFC's name of an identifier, or the dotted form where it is not in the list above. */
export const oidName = (oid: string): string => names.get(oid) ?? oid;
