import { hexText } from '../octets.ts';
import { type DecodedExtension, extensionValue } from './extension-value.ts';
import type { FieldReader } from './field-reader.ts';
import type { ClientHelloBody, ServerHelloBody } from './handshake-body.ts';
import { readExtensions } from './read-extensions.ts';

/** RFC 8446 section 4.1.2; `reader` stands behind the handshake header. */
export function readClientHelloBody(reader: FieldReader): ClientHelloBody {
  const legacyVersion = reader.uint16('legacy_version');
  const random = reader.take(32, 'random');
  const sessionId = reader.opaque8('legacy_session_id', 0, 32);
  const cipherSuites = reader.uint16List16('cipher_suite', 2);
  const compressionMethods = reader.uint8List8('compression_method', 1);
  const extensions = reader.remaining > 0 ? readExtensions(reader, 'client_hello') : [];
  return { kind: 'client-hello', legacyVersion, random, sessionId, cipherSuites, compressionMethods, extensions };
}

/** SHA-256 of "HelloRetryRequest" (RFC 8446 section 4.1.3). */
const retryRandom = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

/** RFC 8446 sections 4.1.3 and 4.1.4; `reader` stands behind the handshake header. */
export function readServerHelloBody(reader: FieldReader): ServerHelloBody {
  const legacyVersion = reader.uint16('legacy_version');
  const random = reader.take(32, 'random');
  const isRetry = hexText(random) === retryRandom;
  const sessionId = reader.opaque8('legacy_session_id_echo', 0, 32);
  const cipherSuite = reader.uint16('cipher_suite');
  const compressionMethod = reader.uint8('compression_method');
  let extensions: readonly DecodedExtension[] = [];
  if (reader.remaining > 0) extensions = readExtensions(reader, isRetry ? 'hello_retry_request' : 'server_hello');
  const version = extensionValue(extensions, 'selected-version')?.version ?? legacyVersion;
  return {
    kind: isRetry ? 'hello-retry-request' : 'server-hello',
    legacyVersion,
    random,
    sessionId,
    cipherSuite,
    compressionMethod,
    extensions,
    version,
  };
}
