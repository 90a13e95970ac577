import { isGrease } from './grease.ts';
import { hex16 } from './hex.ts';

/** Extension types that this codec decodes. */
export const SERVER_NAME = 0;
export const MAX_FRAGMENT_LENGTH = 1;
export const STATUS_REQUEST = 5;
export const SUPPORTED_GROUPS = 10;
export const EC_POINT_FORMATS = 11;
export const SIGNATURE_ALGORITHMS = 13;
export const USE_SRTP = 14;
export const EXTENSION_HEARTBEAT = 15;
export const ALPN = 16;
export const STATUS_REQUEST_V2 = 17;
export const SIGNED_CERTIFICATE_TIMESTAMP = 18;
export const CLIENT_CERTIFICATE_TYPE = 19;
export const SERVER_CERTIFICATE_TYPE = 20;
export const PADDING = 21;
export const ENCRYPT_THEN_MAC = 22;
export const EXTENDED_MASTER_SECRET = 23;
export const COMPRESS_CERTIFICATE = 27;
export const RECORD_SIZE_LIMIT = 28;
export const DELEGATED_CREDENTIAL = 34;
export const SESSION_TICKET = 35;
export const PRE_SHARED_KEY = 41;
export const EARLY_DATA = 42;
export const SUPPORTED_VERSIONS = 43;
export const COOKIE = 44;
export const PSK_KEY_EXCHANGE_MODES = 45;
export const CERTIFICATE_AUTHORITIES = 47;
export const OID_FILTERS = 48;
export const POST_HANDSHAKE_AUTH = 49;
export const SIGNATURE_ALGORITHMS_CERT = 50;
export const KEY_SHARE = 51;
export const TICKET_REQUEST = 58;
export const NEXT_PROTOCOL_NEGOTIATION = 13172;
export const APPLICATION_SETTINGS_OLD = 17513;
export const APPLICATION_SETTINGS = 17613;
export const ENCRYPTED_CLIENT_HELLO = 0xfe0d;
export const RENEGOTIATION_INFO = 0xff01;

/** The IANA "TLS ExtensionType Values" registry, and the few unregistered types that browsers send. */
export const extensions: ReadonlyMap<number, string> = new Map([
  [SERVER_NAME, 'server_name'],
  [MAX_FRAGMENT_LENGTH, 'max_fragment_length'],
  [2, 'client_certificate_url'],
  [3, 'trusted_ca_keys'],
  [4, 'truncated_hmac'],
  [STATUS_REQUEST, 'status_request'],
  [6, 'user_mapping'],
  [7, 'client_authz'],
  [8, 'server_authz'],
  [9, 'cert_type'],
  [SUPPORTED_GROUPS, 'supported_groups'],
  [EC_POINT_FORMATS, 'ec_point_formats'],
  [12, 'srp'],
  [SIGNATURE_ALGORITHMS, 'signature_algorithms'],
  [USE_SRTP, 'use_srtp'],
  [EXTENSION_HEARTBEAT, 'heartbeat'],
  [ALPN, 'application_layer_protocol_negotiation'],
  [STATUS_REQUEST_V2, 'status_request_v2'],
  [SIGNED_CERTIFICATE_TIMESTAMP, 'signed_certificate_timestamp'],
  [CLIENT_CERTIFICATE_TYPE, 'client_certificate_type'],
  [SERVER_CERTIFICATE_TYPE, 'server_certificate_type'],
  [PADDING, 'padding'],
  [ENCRYPT_THEN_MAC, 'encrypt_then_mac'],
  [EXTENDED_MASTER_SECRET, 'extended_master_secret'],
  [24, 'token_binding'],
  [25, 'cached_info'],
  [26, 'tls_lts'],
  [COMPRESS_CERTIFICATE, 'compress_certificate'],
  [RECORD_SIZE_LIMIT, 'record_size_limit'],
  [29, 'pwd_protect'],
  [30, 'pwd_clear'],
  [31, 'password_salt'],
  [32, 'ticket_pinning'],
  [33, 'tls_cert_with_extern_psk'],
  [DELEGATED_CREDENTIAL, 'delegated_credential'],
  [SESSION_TICKET, 'session_ticket'],
  [36, 'TLMSP'],
  [37, 'TLMSP_proxying'],
  [38, 'TLMSP_delegate'],
  [39, 'supported_ekt_ciphers'],
  [PRE_SHARED_KEY, 'pre_shared_key'],
  [EARLY_DATA, 'early_data'],
  [SUPPORTED_VERSIONS, 'supported_versions'],
  [COOKIE, 'cookie'],
  [PSK_KEY_EXCHANGE_MODES, 'psk_key_exchange_modes'],
  [CERTIFICATE_AUTHORITIES, 'certificate_authorities'],
  [OID_FILTERS, 'oid_filters'],
  [POST_HANDSHAKE_AUTH, 'post_handshake_auth'],
  [SIGNATURE_ALGORITHMS_CERT, 'signature_algorithms_cert'],
  [KEY_SHARE, 'key_share'],
  [52, 'transparency_info'],
  [53, 'connection_id (deprecated)'],
  [54, 'connection_id'],
  [55, 'external_id_hash'],
  [56, 'external_session_id'],
  [57, 'quic_transport_parameters'],
  [TICKET_REQUEST, 'ticket_request'],
  [59, 'dnssec_chain'],
  [60, 'sequence_number_encryption_algorithms'],
  [61, 'rrc'],
  [62, 'tls_flags'],
  [NEXT_PROTOCOL_NEGOTIATION, 'next_protocol_negotiation'],
  [APPLICATION_SETTINGS_OLD, 'application_settings (old)'],
  [APPLICATION_SETTINGS, 'application_settings'],
  [30032, 'channel_id'],
  [0xfd00, 'ech_outer_extensions'],
  [ENCRYPTED_CLIENT_HELLO, 'encrypted_client_hello'],
  [RENEGOTIATION_INFO, 'renegotiation_info'],
]);

/** `server_name`, `GREASE`, or hex where the registry has no name. */
export function extensionName(type: number): string {
  return extensions.get(type) ?? (isGrease(type) ? 'GREASE' : hex16(type));
}
