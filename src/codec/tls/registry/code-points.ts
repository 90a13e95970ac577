/** The small registries of TLS: code points of one or two octets that stand inside messages and extensions. */

type Names = ReadonlyMap<number, string>;

const names = (...pairs: readonly (readonly [number, string])[]): Names => new Map(pairs);

/** RFC 3749, RFC 3943. */
export const compressionMethods = names([0, 'null'], [1, 'DEFLATE'], [64, 'LZS']);

/** RFC 8879 section 7.3. */
export const certificateCompressions = names([1, 'zlib'], [2, 'brotli'], [3, 'zstd']);

/** RFC 8446 section 4.2.9. */
export const pskModes = names([0, 'psk_ke'], [1, 'psk_dhe_ke']);

/** RFC 8422 section 5.1.2. */
export const pointFormats = names(
  [0, 'uncompressed'],
  [1, 'ansiX962_compressed_prime'],
  [2, 'ansiX962_compressed_char2'],
);

/** RFC 8422 section 5.4. */
export const curveTypes = names([1, 'explicit_prime'], [2, 'explicit_char2'], [3, 'named_curve']);

/** RFC 5246 section 7.4.4, RFC 8422 section 5.5. */
export const clientCertificateTypes = names(
  [1, 'rsa_sign'],
  [2, 'dss_sign'],
  [3, 'rsa_fixed_dh'],
  [4, 'dss_fixed_dh'],
  [5, 'rsa_ephemeral_dh'],
  [6, 'dss_ephemeral_dh'],
  [20, 'fortezza_dms'],
  [64, 'ecdsa_sign'],
  [65, 'rsa_fixed_ecdh'],
  [66, 'ecdsa_fixed_ecdh'],
);

/** RFC 7250 section 3. */
export const certificateTypes = names([0, 'X.509'], [1, 'OpenPGP'], [2, 'Raw Public Key'], [3, '1609Dot2']);

/** RFC 6066 section 8, RFC 6961. */
export const statusTypes = names([1, 'ocsp'], [2, 'ocsp_multi']);

/** RFC 8446 section 4.6.3. */
export const keyUpdateRequests = names([0, 'update_not_requested'], [1, 'update_requested']);

/** RFC 6520. */
export const heartbeatModes = names([1, 'peer_allowed_to_send'], [2, 'peer_not_allowed_to_send']);
export const heartbeatTypes = names([1, 'heartbeat_request'], [2, 'heartbeat_response']);

/** RFC 6066 section 4. */
export const fragmentLengths = names([1, '2^9'], [2, '2^10'], [3, '2^11'], [4, '2^12']);

/** RFC 6066 section 3. */
export const serverNameTypes = names([0, 'host_name']);

export const alertLevels = names([1, 'warning'], [2, 'fatal']);

/** The name of a code point, or the number itself. */
export function codePointName(registry: Names, code: number): string {
  return registry.get(code) ?? String(code);
}
