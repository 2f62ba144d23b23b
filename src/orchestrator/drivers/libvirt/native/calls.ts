// SPDX-License-Identifier: BSD-3-Clause
import { METADATA_NAMESPACE } from '../xml/ownership.js';
import { dom0MemoryBytes, listedDomains } from './domain-list.js';
import { allDomainStats, type DomainRecord } from './domain-stats.js';
import { LibvirtError, VIR_ERR } from './failure.js';
import { type Libvirt, type Pointer, takeString } from './libvirt.js';

const START_PAUSED = 1 << 0; // VIR_DOMAIN_START_PAUSED
const METADATA_ELEMENT = 2; // VIR_DOMAIN_METADATA_ELEMENT
const NO_NUMBER = 0xffff_ffff; // (unsigned int)-1: it does not run
const NODE_INFO_BYTES = 72; // struct _virNodeInfo: char[32], unsigned long, 7 unsigned int, padding

export interface HostDescription {
  /** As libvirt names its drivers: `QEMU`, `TEST`, `Xen`. */
  readonly type: string;
  /** `major.minor.release`. */
  readonly version: string;
  /** What guests can have: without that of Xen's dom0. */
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number | null;
  readonly cpus: number;
}

/** What a call worker can be asked for: plain arguments and results, which are copied between threads. */
export interface NativeCalls {
  describeHost(): HostDescription;
  /** Whether the host can run domains of this type (`kvm`, `qemu`). */
  supportsDomainType(architecture: string, machine: string, type: string): boolean;
  create(xml: string, paused: boolean): void;
  destroy(id: string): void;
  suspend(id: string): void;
  resume(id: string): void;
  shutdown(id: string): void;
  /** virDomainState of a domain. */
  state(id: string): number;
  /** Our metadata element of each of these domains, as XML; null where there is none, or no such domain. */
  metadata(ids: readonly string[]): (string | null)[];
  /** The number that the hypervisor has given each of these domains; null where there is none, or no such domain. */
  numbers(ids: readonly string[]): (number | null)[];
  /** virDomainState of each of these domains; null for one that is only being made, or is gone. */
  statesOfMade(ids: readonly string[]): (number | null)[];
  stats(groups: number): DomainRecord[];
}

/** The calls on one connection. Each reads libvirt's error right after the function that failed, on its own thread. */
export function nativeCalls(libvirt: Libvirt, connection: Pointer): NativeCalls {
  const check = (result: number): void => {
    if (result < 0) throw LibvirtError.last(libvirt);
  };
  const found = <T>(result: T | null): T => {
    if (result === null) throw LibvirtError.last(libvirt);
    return result;
  };
  const withDomain = <T>(id: string, use: (domain: Pointer) => T): T => {
    const domain = found(libvirt.lookupByUuid(connection, id));
    try {
      return use(domain);
    } finally {
      libvirt.freeDomain(domain);
    }
  };
  const numberOf = (domain: Pointer): number | null => {
    const number = libvirt.number(domain);
    return number === NO_NUMBER ? null : number;
  };
  const stateOf = (domain: Pointer): number => {
    const state: [number | null] = [null];
    check(libvirt.state(domain, state, [null], 0));
    return state[0] ?? 0;
  };
  const readMetadata = (id: string): string | null =>
    withDomain(id, (domain) =>
      takeString(libvirt, found(libvirt.metadata(domain, METADATA_ELEMENT, METADATA_NAMESPACE, 0))),
    );

  return {
    describeHost: () => describeHost(libvirt, connection),
    supportsDomainType(architecture, machine, type) {
      const xml = libvirt.domainCapabilities(connection, null, architecture, machine, type, 0);
      if (xml !== null) libvirt.free(xml);
      return xml !== null;
    },
    create(xml, paused) {
      const domain = found(libvirt.createXml(connection, xml, paused ? START_PAUSED : 0));
      libvirt.freeDomain(domain);
    },
    destroy: (id) => withDomain(id, (domain) => check(libvirt.destroy(domain, 0))),
    suspend: (id) => withDomain(id, (domain) => check(libvirt.suspend(domain))),
    resume: (id) => withDomain(id, (domain) => check(libvirt.resume(domain))),
    shutdown: (id) => withDomain(id, (domain) => check(libvirt.shutdown(domain))),
    state: (id) => withDomain(id, stateOf),
    metadata: (ids) => ids.map((id) => nullWhereAbsent(() => readMetadata(id))),
    numbers: (ids) => ids.map((id) => nullWhereAbsent(() => withDomain(id, numberOf))),
    statesOfMade: (ids) =>
      ids.map((id) =>
        nullWhereAbsent(() =>
          // In this order: one that has a number has the state that belongs to it.
          withDomain(id, (domain) => (numberOf(domain) === null ? null : stateOf(domain))),
        ),
      ),
    stats: (groups) =>
      libvirt.type(connection) === 'Xen'
        ? listedDomains(libvirt, connection, groups)
        : allDomainStats(libvirt, connection, groups),
  };
}

function nullWhereAbsent<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    const { code } = error.failure;
    if (code === VIR_ERR.NO_DOMAIN || code === VIR_ERR.NO_DOMAIN_METADATA) return null;
    throw error;
  }
}

function describeHost(libvirt: Libvirt, connection: Pointer): HostDescription {
  const type = libvirt.type(connection);
  const version: [number | null] = [null];
  const info = Buffer.alloc(NODE_INFO_BYTES);
  if (type === null || libvirt.version(connection, version) < 0) throw LibvirtError.last(libvirt);
  if (libvirt.nodeInfo(connection, info) < 0) throw LibvirtError.last(libvirt);
  const number = Number(version[0]);
  const free = Number(libvirt.freeMemory(connection));
  return {
    type,
    version: `${Math.floor(number / 1_000_000)}.${Math.floor(number / 1000) % 1000}.${number % 1000}`,
    memoryBytes:
      Number(info.readBigUInt64LE(32)) * 1024 -
      (type === 'Xen' ? dom0MemoryBytes(libvirt, connection) : 0),
    freeMemoryBytes: free === 0 ? null : free, // 0: not known
    cpus: info.readUInt32LE(40),
  };
}
