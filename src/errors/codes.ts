// SPDX-License-Identifier: BSD-3-Clause

/** What sort of trouble an error is; the API turns a kind into an HTTP status in one place. */
export type ErrorKind =
  | 'invalid' // the request cannot be read at all
  | 'unprocessable' // it can be read, but a field's value is not acceptable
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict' // the resource's state does not allow it
  | 'precondition-failed' // If-Match named another generation
  | 'too-large'
  | 'unsupported' // this host, driver or build cannot do it, now or ever
  | 'rate-limited'
  | 'no-capacity'
  | 'unavailable' // something that we need does not answer; it may come back
  | 'deadline-exceeded'
  | 'cancelled'
  | 'internal';

interface ErrorDefinition {
  readonly kind: ErrorKind;
  readonly title: string;
}

/**
 * Every error that Unicore reports on purpose. Codes are part of the public interface: they are added, never renamed.
 * The title is the same for each occurrence; the detail, given where it is thrown, says what happened and what to do.
 */
export const ERROR_CODES = {
  // Requests
  MALFORMED_JSON: { kind: 'invalid', title: 'The body is not JSON' },
  MALFORMED_URL: { kind: 'invalid', title: 'The path cannot be decoded' },
  INVALID_REQUEST: { kind: 'unprocessable', title: 'A field of the request is not acceptable' },
  UNSUPPORTED_MEDIA_TYPE: { kind: 'invalid', title: 'The content type is not supported' },
  BODY_TOO_LARGE: { kind: 'too-large', title: 'The body is too large' },
  UNAUTHENTICATED: { kind: 'unauthenticated', title: 'A valid bearer token is needed' },
  FORBIDDEN: { kind: 'forbidden', title: 'The token does not allow this' },
  ROUTE_NOT_FOUND: { kind: 'not-found', title: 'No such path' },
  METHOD_NOT_ALLOWED: { kind: 'invalid', title: 'The path does not have this method' },
  UPGRADE_REQUIRED: { kind: 'invalid', title: 'The path is a WebSocket' },
  HOST_REFUSED: {
    kind: 'forbidden',
    title: 'The Host header is not one that the daemon answers to',
  },
  ORIGIN_REFUSED: { kind: 'forbidden', title: 'Pages of this origin may not open a WebSocket' },
  IDEMPOTENCY_KEY_REUSED: {
    kind: 'conflict',
    title: 'The idempotency key was used with another body',
  },
  UNKNOWN_TOKEN: { kind: 'not-found', title: 'No such token' },
  TOKEN_NAME_TAKEN: { kind: 'conflict', title: 'A token with this name exists' },
  GENERATION_MISMATCH: { kind: 'precondition-failed', title: 'The resource has changed' },
  TOO_MANY_REQUESTS: { kind: 'rate-limited', title: 'Too many requests' },

  // Build
  UNKNOWN_APP: { kind: 'unprocessable', title: 'No such application' },
  UNKNOWN_LIBRARY: { kind: 'not-found', title: 'No such library' },
  UNKNOWN_TARGET: { kind: 'unprocessable', title: 'No such target' },
  UNKNOWN_SYMBOL: { kind: 'unprocessable', title: 'No such configuration symbol' },
  INVALID_SYMBOL_VALUE: { kind: 'unprocessable', title: 'The symbol cannot have this value' },
  UNMET_DEPENDENCY: { kind: 'unprocessable', title: 'A requested symbol cannot be turned on' },
  CONFIGURATION_FAILED: { kind: 'unprocessable', title: 'The configuration cannot be resolved' },
  UNKNOWN_BUILD: { kind: 'not-found', title: 'No such build' },
  BUILD_FAILED: { kind: 'unprocessable', title: 'The build failed' },
  BUILD_TIMED_OUT: { kind: 'deadline-exceeded', title: 'The build took too long' },
  BUILD_OUTPUT_TOO_LARGE: { kind: 'too-large', title: 'The build printed too much' },
  BUILD_MEMORY_EXCEEDED: { kind: 'too-large', title: 'The build used too much memory' },
  BUILD_CANCELLED: { kind: 'cancelled', title: 'The build was cancelled' },
  BUILD_QUEUE_FULL: { kind: 'rate-limited', title: 'Too many builds are waiting' },
  INVALID_ARCHIVE: { kind: 'unprocessable', title: 'The archive cannot be taken' },
  ARCHIVE_TOO_LARGE: { kind: 'too-large', title: 'The archive holds too much' },
  INVALID_SOURCE: { kind: 'unprocessable', title: 'The archive is no application' },
  UNKNOWN_SOURCE: { kind: 'unprocessable', title: 'No such source' },
  SOURCE_IN_USE: { kind: 'conflict', title: 'The source is being built' },
  SANDBOX_UNAVAILABLE: { kind: 'unavailable', title: 'Uploaded sources cannot be built here' },
  TOOLCHAIN_MISSING: { kind: 'unavailable', title: 'A build tool is not installed' },
  UNKNOWN_IMAGE: { kind: 'not-found', title: 'No such image' },
  IMAGE_IN_USE: { kind: 'conflict', title: 'Instances use the image' },
  IMAGE_CORRUPT: { kind: 'internal', title: 'The stored image does not match its digest' },
  NOT_A_UNIKERNEL: { kind: 'unprocessable', title: 'The file is not a unikernel that we can boot' },
  INVALID_REFERENCE: { kind: 'unprocessable', title: 'The reference cannot be read' },
  REGISTRY_NOT_ALLOWED: {
    kind: 'forbidden',
    title: 'The configuration does not name the registry',
  },
  REGISTRY_UNAVAILABLE: { kind: 'unavailable', title: 'The registry does not answer as it should' },
  REGISTRY_REFUSED: { kind: 'forbidden', title: 'The registry gives no access' },
  REGISTRY_UNTRUSTED: {
    kind: 'forbidden',
    title: 'The certificate of the registry is not trusted',
  },
  REGISTRY_CONTENT_MISMATCH: {
    kind: 'unprocessable',
    title: 'What the registry sent does not match its digest',
  },
  UNKNOWN_REMOTE_IMAGE: { kind: 'not-found', title: 'The registry has no such image' },
  SIGNATURE_MISSING: { kind: 'forbidden', title: 'The image is not signed by a trusted key' },

  // Orchestration
  UNKNOWN_INSTANCE: { kind: 'not-found', title: 'No such instance' },
  NAME_TAKEN: { kind: 'conflict', title: 'An instance with this name exists' },
  QUOTA_EXCEEDED: { kind: 'conflict', title: "The token's quota does not allow it" },
  INVALID_PHASE: { kind: 'conflict', title: "The instance's phase does not allow this" },
  UNKNOWN_WARM_POOL: { kind: 'not-found', title: 'No such warm pool' },
  UNKNOWN_OPERATION: { kind: 'not-found', title: 'No such operation' },
  OPERATION_CANCELLED: { kind: 'cancelled', title: 'The operation was cancelled' },
  UNKNOWN_HOST: { kind: 'unprocessable', title: 'No such host' },
  NO_HOST_FOR_TARGET: { kind: 'unsupported', title: 'No host can run this target' },
  HOST_UNAVAILABLE: { kind: 'unavailable', title: 'The host does not answer' },
  NO_CAPACITY: { kind: 'no-capacity', title: 'The host has no room for it' },
  DRIVER_UNSUPPORTED: { kind: 'unsupported', title: 'The driver cannot do this' },
  DRIVER_FAILED: { kind: 'internal', title: 'The hypervisor refused' },
  DOMAIN_NOT_FOUND: { kind: 'not-found', title: 'The host has no such domain' },
  DEADLINE_EXCEEDED: { kind: 'deadline-exceeded', title: 'It took too long' },
  QUEUE_FULL: { kind: 'rate-limited', title: 'Too many requests are waiting' },
  CONSOLE_UNAVAILABLE: { kind: 'conflict', title: 'The console cannot be attached' },
  EVENTS_EXPIRED: { kind: 'conflict', title: 'Events that old are no longer kept' },

  // The daemon itself
  STATE_CORRUPT: { kind: 'internal', title: 'The state directory is damaged' },
  STATE_LOCKED: { kind: 'conflict', title: 'Another daemon uses this state directory' },
  STORAGE_FULL: { kind: 'unavailable', title: 'The disk is full' },
  INVALID_CONFIGURATION_FILE: { kind: 'invalid', title: "The daemon's configuration is not valid" },
  ADDRESS_UNAVAILABLE: { kind: 'unavailable', title: 'The daemon cannot listen there' },
  SHUTTING_DOWN: { kind: 'unavailable', title: 'The daemon is stopping' },
  INTERNAL: { kind: 'internal', title: 'An error that we did not foresee' },
} as const satisfies Readonly<Record<string, ErrorDefinition>>;

export type ErrorCode = keyof typeof ERROR_CODES;
