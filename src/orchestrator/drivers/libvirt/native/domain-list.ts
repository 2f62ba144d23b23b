// SPDX-License-Identifier: BSD-3-Clause
import koffi from 'koffi';
import type { DomainRecord } from './domain-stats.js';
import { LibvirtError } from './failure.js';
import { type Libvirt, type Pointer, uuidOf } from './libvirt.js';
import { STATS_BALLOON, STATS_CPU } from './stats-groups.js';

/** virConnectListAllDomainsFlags */
const LIST = { ALL: 0, PAUSED: 1 << 5, SHUTOFF: 1 << 6, OTHER: 1 << 7 } as const;
/** virDomainState */
const STATE = { RUNNING: 1, PAUSED: 3, SHUTOFF: 5, CRASHED: 6 } as const;
/** libxl's dom0, which libvirt lists among the domains. */
const DOM0 = '00000000-0000-0000-0000-000000000000';
const INFO_BYTES = 40; // struct _virDomainInfo: uchar, 2 ulong, ushort, ulonglong, each aligned

/**
 * What `allDomainStats` gives, for drivers of libvirt that have no virConnectGetAllDomainStats (Xen's): states by four lists,
 * however many domains there are; statistics, where they are wanted, by one call for each domain.
 */
export function listedDomains(
  libvirt: Libvirt,
  connection: Pointer,
  groups: number,
): DomainRecord[] {
  const records = new Map<string, DomainRecord>();
  const wantsInfo = (groups & (STATS_CPU | STATS_BALLOON)) !== 0;
  withDomains(libvirt, connection, LIST.ALL, (domain, id) => {
    const fields = wantsInfo ? infoOf(libvirt, domain) : {};
    const name = libvirt.name(domain) ?? '';
    records.set(id, { id, name, fields: { 'state.state': STATE.RUNNING, ...fields } });
  });
  const others = [
    [LIST.PAUSED, STATE.PAUSED],
    [LIST.OTHER, STATE.CRASHED],
    [LIST.SHUTOFF, STATE.SHUTOFF],
  ] as const;
  for (const [flag, state] of others) {
    withDomains(libvirt, connection, flag, (_domain, id) => {
      const record = records.get(id);
      if (record === undefined) return;
      records.set(id, { ...record, fields: { ...record.fields, 'state.state': state } });
    });
  }
  records.delete(DOM0);
  return [...records.values()];
}

function withDomains(
  libvirt: Libvirt,
  connection: Pointer,
  flags: number,
  use: (domain: Pointer, id: string) => void,
): void {
  const list: [Pointer | null] = [null];
  const count = libvirt.listDomains(connection, list, flags);
  if (count < 0) throw LibvirtError.last(libvirt);
  const [address] = list;
  if (address === null) return;
  const domains = count === 0 ? [] : Array.from(new BigUint64Array(koffi.view(address, count * 8)));
  try {
    for (const domain of domains) use(domain, uuidOf(libvirt, domain));
  } finally {
    for (const domain of domains) libvirt.freeDomain(domain);
    libvirt.free(address);
  }
}

/** Nothing for a domain that went meanwhile. */
function infoOf(libvirt: Libvirt, domain: Pointer): Record<string, number> {
  const info = Buffer.alloc(INFO_BYTES);
  if (libvirt.domainInfo(domain, info) < 0) return {};
  return {
    'balloon.rss': Number(info.readBigUInt64LE(16)), // KiB
    'cpu.time': Number(info.readBigUInt64LE(32)),
  };
}

/** Memory that Xen's dom0 has taken for itself, in bytes; 0 if there is none. */
export function dom0MemoryBytes(libvirt: Libvirt, connection: Pointer): number {
  const domain = libvirt.lookupByUuid(connection, DOM0);
  if (domain === null) return 0;
  try {
    return (infoOf(libvirt, domain)['balloon.rss'] ?? 0) * 1024;
  } finally {
    libvirt.freeDomain(domain);
  }
}
