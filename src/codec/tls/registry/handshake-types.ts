/** Handshake message types that this codec decodes (RFC 8446 section 4, RFC 5246 section 7.4). */
export const HELLO_REQUEST = 0;
export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
export const NEW_SESSION_TICKET = 4;
export const END_OF_EARLY_DATA = 5;
export const ENCRYPTED_EXTENSIONS = 8;
export const CERTIFICATE = 11;
export const SERVER_KEY_EXCHANGE = 12;
export const CERTIFICATE_REQUEST = 13;
export const SERVER_HELLO_DONE = 14;
export const CERTIFICATE_VERIFY = 15;
export const CLIENT_KEY_EXCHANGE = 16;
export const FINISHED = 20;
export const CERTIFICATE_STATUS = 22;
export const KEY_UPDATE = 24;
export const COMPRESSED_CERTIFICATE = 25;

/** The IANA "TLS HandshakeType" registry. */
const handshakeTypes: ReadonlyMap<number, string> = new Map([
  [HELLO_REQUEST, 'hello_request'],
  [CLIENT_HELLO, 'client_hello'],
  [SERVER_HELLO, 'server_hello'],
  [3, 'hello_verify_request'],
  [NEW_SESSION_TICKET, 'new_session_ticket'],
  [END_OF_EARLY_DATA, 'end_of_early_data'],
  [6, 'hello_retry_request'],
  [ENCRYPTED_EXTENSIONS, 'encrypted_extensions'],
  [9, 'request_connection_id'],
  [10, 'new_connection_id'],
  [CERTIFICATE, 'certificate'],
  [SERVER_KEY_EXCHANGE, 'server_key_exchange'],
  [CERTIFICATE_REQUEST, 'certificate_request'],
  [SERVER_HELLO_DONE, 'server_hello_done'],
  [CERTIFICATE_VERIFY, 'certificate_verify'],
  [CLIENT_KEY_EXCHANGE, 'client_key_exchange'],
  [17, 'client_certificate_request'],
  [FINISHED, 'finished'],
  [21, 'certificate_url'],
  [CERTIFICATE_STATUS, 'certificate_status'],
  [23, 'supplemental_data'],
  [KEY_UPDATE, 'key_update'],
  [COMPRESSED_CERTIFICATE, 'compressed_certificate'],
  [26, 'ekt_key'],
  [67, 'next_protocol'],
  [203, 'encrypted_channel_id'],
  [254, 'message_hash'],
]);

/** `server_key_exchange`, or `handshake 99` where the registry has no name. */
export function handshakeTypeName(type: number): string {
  return handshakeTypes.get(type) ?? `handshake ${type}`;
}
