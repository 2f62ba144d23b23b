// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../../errors/index.js';
import type { Libvirt } from './libvirt.js';

/** libvirt's own account of an error, as it crosses from a worker to the main thread. */
export interface NativeFailure {
  /** virErrorNumber, or null for an error that is not libvirt's. */
  readonly code: number | null;
  /** virErrorDomain. */
  readonly domain: number;
  readonly message: string;
}

/** virErrorNumber, from libvirt/virterror.h. */
export const VIR_ERR = {
  NO_MEMORY: 2,
  NO_SUPPORT: 3,
  NO_CONNECT: 5,
  DOM_EXIST: 28,
  RPC: 39,
  NO_DOMAIN: 42,
  AUTH_FAILED: 45,
  OPERATION_INVALID: 55,
  OPERATION_TIMEOUT: 68,
  NO_DOMAIN_METADATA: 80,
} as const;

/** virErrorDomain of what the client's side of the connection reports: the connection is gone, or was never made. */
const CONNECTION_DOMAINS: ReadonlySet<number> = new Set([
  7 /* VIR_FROM_RPC */, 13 /* VIR_FROM_REMOTE */,
]);

/** What QEMU and libvirt say when memory, processes or descriptors have run out. */
const NO_ROOM =
  /cannot allocate memory|cannot set up guest memory|resource temporarily unavailable|too many open files|no space left on device/i;

/** Thrown in workers. */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError';
  readonly failure: NativeFailure;

  constructor(failure: NativeFailure) {
    super(failure.message);
    this.failure = failure;
  }

  /** The calling thread's last error. libvirt keeps it per thread, so this must come right after the call that failed. */
  static last(libvirt: Libvirt): LibvirtError {
    return new LibvirtError({
      code: libvirt.errorCode(),
      domain: libvirt.errorDomain(),
      message: libvirt.errorMessage(),
    });
  }
}

/** Whether the connection to libvirtd is gone, so that nothing is known of what the call did. */
export function isConnectionFailure(failure: NativeFailure): boolean {
  return (
    CONNECTION_DOMAINS.has(failure.domain) ||
    failure.code === VIR_ERR.NO_CONNECT ||
    failure.code === VIR_ERR.RPC ||
    failure.code === VIR_ERR.AUTH_FAILED ||
    /client socket is closed|connection closed/i.test(failure.message)
  );
}

/** The error that the driver's callers get. `action` says what was tried, as in `create the domain uc-web-1`. */
export function toUnicoreError(failure: NativeFailure, action: string): UnicoreError {
  const said = `libvirt could not ${action}: ${failure.message}`;
  if (failure.code === null) return new UnicoreError('DRIVER_FAILED', said);
  if (isConnectionFailure(failure)) return new UnicoreError('HOST_UNAVAILABLE', said);
  if (failure.code === VIR_ERR.NO_MEMORY || NO_ROOM.test(failure.message)) {
    return new UnicoreError('NO_CAPACITY', said);
  }
  switch (failure.code) {
    case VIR_ERR.NO_DOMAIN:
      return new UnicoreError('DOMAIN_NOT_FOUND', said);
    case VIR_ERR.NO_SUPPORT:
      return new UnicoreError('DRIVER_UNSUPPORTED', said);
    case VIR_ERR.OPERATION_TIMEOUT:
      return new UnicoreError('DEADLINE_EXCEEDED', said);
    default:
      return new UnicoreError('DRIVER_FAILED', said);
  }
}
