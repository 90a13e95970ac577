/** What scripts can rely on: all went well, something has to be mended, or the command line was not understood. */
export const exitCodes = { fine: 0, mistakes: 1, usage: 2 } as const;

/** What `verify` found, one code a cause; 0 where the certificate is to be trusted, 1 and 2 as for every command. */
export const verifyExitCodes = {
  expired: 10,
  'not-yet-valid': 11,
  revoked: 12,
  'revocation-unknown': 13,
  untrusted: 14,
  'name-mismatch': 15,
  'chain-incomplete': 16,
  'constraint-violated': 17,
  weak: 18,
  'cannot-connect': 19,
  malformed: 20,
  'staple-missing': 21,
  'client-refused': 22,
} as const;

/** Why a name leads nowhere, for `dns` and `trace` alike. */
export const nameExitCodes = {
  'no-such-name': 30,
  'no-record': 31,
  'name-server-failure': 32,
  'name-timeout': 33,
  'name-lame': 34,
} as const;

export type NameCause = keyof typeof nameExitCodes;
