// SPDX-License-Identifier: BSD-3-Clause
import koffi from 'koffi';

/** An address in native memory. */
export type Pointer = bigint;

type Out<T> = [T | null];

/** The functions of libvirt that we call, typed as in libvirt's public headers; see there for what they do. */
export type Libvirt = ReturnType<typeof loadLibvirt>;

/** The prototypes of the callbacks, for `koffi.register`. */
export const LIFECYCLE_CALLBACK = koffi.pointer(
  koffi.proto('void UcLifecycle(void *conn, void *dom, int event, int detail, void *opaque)'),
);
export const CLOSE_CALLBACK = koffi.pointer(
  koffi.proto('void UcClose(void *conn, int reason, void *opaque)'),
);
export const TIMEOUT_CALLBACK = koffi.pointer(
  koffi.proto('void UcTimeout(int timer, void *opaque)'),
);

/**
 * Loads libvirt.so and silences it: without an error function of ours it prints each error to stderr. That function is
 * called on whatever thread has the error, where no JavaScript may run, so it is libc's `abs`, which looks at nothing but
 * its first register.
 */
export function loadLibvirt() {
  const library = koffi.load('libvirt.so.0');
  const libc = koffi.load('libc.so.6');
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the type is what C's prototype means here
  const bind = <T>(prototype: string): T => library.func(prototype) as unknown as T;
  const bound = {
    free: libc.func('void free(void *)') as unknown as (address: Pointer) => void,
    setErrorFunction: bind<(data: null, handler: unknown) => void>(
      'void virSetErrorFunc(void *, void *)',
    ),
    errorCode: bind<() => number>('int virGetLastErrorCode()'),
    errorDomain: bind<() => number>('int virGetLastErrorDomain()'),
    errorMessage: bind<() => string>('const char *virGetLastErrorMessage()'),
    resetError: bind<() => void>('void virResetLastError()'),

    open: bind<(uri: string) => Pointer | null>('void *virConnectOpen(const char *)'),
    close: bind<(connection: Pointer) => number>('int virConnectClose(void *)'),
    setKeepAlive: bind<(connection: Pointer, seconds: number, count: number) => number>(
      'int virConnectSetKeepAlive(void *, int, unsigned int)',
    ),
    isAlive: bind<(connection: Pointer) => number>('int virConnectIsAlive(void *)'),
    type: bind<(connection: Pointer) => string | null>('const char *virConnectGetType(void *)'),
    version: bind<(connection: Pointer, version: Out<number>) => number>(
      'int virConnectGetVersion(void *, _Out_ unsigned long *)',
    ),
    nodeInfo: bind<(connection: Pointer, info: Uint8Array) => number>(
      'int virNodeGetInfo(void *, uint8_t *)',
    ),
    freeMemory: bind<(connection: Pointer) => number | bigint>(
      'unsigned long long virNodeGetFreeMemory(void *)',
    ),
    domainCapabilities: bind<
      (
        connection: Pointer,
        emulator: string | null,
        architecture: string,
        machine: string | null,
        type: string,
        flags: number,
      ) => Pointer | null
    >(
      'void *virConnectGetDomainCapabilities(void *, const char *, const char *, const char *, const char *, unsigned int)',
    ),

    createXml: bind<(connection: Pointer, xml: string, flags: number) => Pointer | null>(
      'void *virDomainCreateXML(void *, const char *, unsigned int)',
    ),
    lookupByUuid: bind<(connection: Pointer, uuid: string) => Pointer | null>(
      'void *virDomainLookupByUUIDString(void *, const char *)',
    ),
    freeDomain: bind<(domain: Pointer) => number>('int virDomainFree(void *)'),
    destroy: bind<(domain: Pointer, flags: number) => number>(
      'int virDomainDestroyFlags(void *, unsigned int)',
    ),
    shutdown: bind<(domain: Pointer) => number>('int virDomainShutdown(void *)'),
    suspend: bind<(domain: Pointer) => number>('int virDomainSuspend(void *)'),
    resume: bind<(domain: Pointer) => number>('int virDomainResume(void *)'),
    number: bind<(domain: Pointer) => number>('unsigned int virDomainGetID(void *)'),
    name: bind<(domain: Pointer) => string | null>('const char *virDomainGetName(void *)'),
    uuid: bind<(domain: Pointer, text: Uint8Array) => number>(
      'int virDomainGetUUIDString(void *, uint8_t *)',
    ),
    state: bind<
      (domain: Pointer, state: Out<number>, reason: Out<number>, flags: number) => number
    >('int virDomainGetState(void *, _Out_ int *, _Out_ int *, unsigned int)'),
    metadata: bind<
      (domain: Pointer, type: number, namespace: string, flags: number) => Pointer | null
    >('void *virDomainGetMetadata(void *, int, const char *, unsigned int)'),
    allStats: bind<
      (connection: Pointer, groups: number, records: Out<Pointer>, flags: number) => number
    >('int virConnectGetAllDomainStats(void *, unsigned int, _Out_ void **, unsigned int)'),
    freeStats: bind<(records: Pointer) => void>('void virDomainStatsRecordListFree(void *)'),

    listDomains: bind<(connection: Pointer, domains: Out<Pointer>, flags: number) => number>(
      'int virConnectListAllDomains(void *, _Out_ void **, unsigned int)',
    ),
    domainInfo: bind<(domain: Pointer, info: Uint8Array) => number>(
      'int virDomainGetInfo(void *, uint8_t *)',
    ),

    registerDefaultEventLoop: bind<() => number>('int virEventRegisterDefaultImpl()'),
    runDefaultEventLoop: bind<() => number>('int virEventRunDefaultImpl()'),
    addTimeout: bind<(milliseconds: number, callback: bigint, opaque: null, free: null) => number>(
      'int virEventAddTimeout(int, void *, void *, void *)',
    ),
    updateTimeout: bind<(timer: number, milliseconds: number) => void>(
      'void virEventUpdateTimeout(int, int)',
    ),
    removeTimeout: bind<(timer: number) => number>('int virEventRemoveTimeout(int)'),
    registerDomainEvent: bind<
      (
        connection: Pointer,
        domain: null,
        event: number,
        callback: bigint,
        opaque: null,
        free: null,
      ) => number
    >('int virConnectDomainEventRegisterAny(void *, void *, int, void *, void *, void *)'),
    deregisterDomainEvent: bind<(connection: Pointer, id: number) => number>(
      'int virConnectDomainEventDeregisterAny(void *, int)',
    ),
    registerClose: bind<
      (connection: Pointer, callback: bigint, opaque: null, free: null) => number
    >('int virConnectRegisterCloseCallback(void *, void *, void *, void *)'),
    unregisterClose: bind<(connection: Pointer, callback: bigint) => number>(
      'int virConnectUnregisterCloseCallback(void *, void *)',
    ),
  };
  bound.setErrorFunction(null, libc.symbol('abs'));
  return bound;
}

/** The string at an address that libvirt gave us to free. */
export function takeString(libvirt: Libvirt, address: Pointer): string {
  try {
    return koffi.decode.string(address);
  } finally {
    libvirt.free(address);
  }
}

/** The UUID of a domain, as text. */
export function uuidOf(libvirt: Libvirt, domain: Pointer): string {
  const text = Buffer.alloc(37); // VIR_UUID_STRING_BUFLEN
  libvirt.uuid(domain, text);
  return text.toString('latin1', 0, 36);
}
