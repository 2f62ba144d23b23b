// SPDX-License-Identifier: BSD-3-Clause
import koffi from 'koffi';
import { LibvirtError } from './failure.js';
import { type Libvirt, type Pointer, uuidOf } from './libvirt.js';

/** Statistics of one domain, by libvirt's own names (`state.state`, `cpu.time`, `balloon.rss`). */
export interface DomainRecord {
  readonly id: string;
  readonly name: string;
  readonly fields: Readonly<Record<string, number>>;
}

/** VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT: a domain that is busy gives what it has, and holds up nobody. */
const NOWAIT = 1 << 29;

// struct _virDomainStatsRecord { virDomainPtr dom; virTypedParameterPtr params; int nparams; }
const RECORD_BYTES = 24;
// struct _virTypedParameter { char field[80]; int type; union { ... } value; }
const PARAMETER_BYTES = 96;
const FIELD_BYTES = 80;
const TYPE_OFFSET = 80;
const VALUE_OFFSET = 88;

/** One sample of all domains, in one call. */
export function allDomainStats(
  libvirt: Libvirt,
  connection: Pointer,
  groups: number,
): DomainRecord[] {
  const records: [Pointer | null] = [null];
  const count = libvirt.allStats(connection, groups, records, NOWAIT);
  if (count < 0) throw LibvirtError.last(libvirt);
  const [list] = records;
  if (list === null) return [];
  try {
    if (count === 0) return [];
    const pointers = new BigUint64Array(koffi.view(list, count * 8));
    return Array.from(pointers, (pointer) => decodeRecord(libvirt, pointer));
  } finally {
    libvirt.freeStats(list);
  }
}

function decodeRecord(libvirt: Libvirt, pointer: Pointer): DomainRecord {
  const record = new DataView(koffi.view(pointer, RECORD_BYTES));
  const domain = record.getBigUint64(0, true);
  const parameters = record.getBigUint64(8, true);
  const count = record.getInt32(16, true);
  return {
    id: uuidOf(libvirt, domain),
    name: libvirt.name(domain) ?? '',
    fields: count > 0 ? decodeParameters(koffi.view(parameters, count * PARAMETER_BYTES)) : {},
  };
}

/** Typed parameters of a number type; strings are left out. */
function decodeParameters(memory: ArrayBuffer): Record<string, number> {
  const bytes = Buffer.from(memory);
  const fields: Record<string, number> = {};
  for (let at = 0; at < bytes.length; at += PARAMETER_BYTES) {
    const value = decodeValue(bytes, at);
    if (value === null) continue;
    const end = bytes.indexOf(0, at);
    fields[bytes.toString('latin1', at, Math.min(end, at + FIELD_BYTES))] = value;
  }
  return fields;
}

function decodeValue(bytes: Buffer, at: number): number | null {
  const value = at + VALUE_OFFSET;
  switch (bytes.readInt32LE(at + TYPE_OFFSET)) {
    case 1: // VIR_TYPED_PARAM_INT
      return bytes.readInt32LE(value);
    case 2: // VIR_TYPED_PARAM_UINT
      return bytes.readUInt32LE(value);
    case 3: // VIR_TYPED_PARAM_LLONG
      return Number(bytes.readBigInt64LE(value));
    case 4: // VIR_TYPED_PARAM_ULLONG
      return Number(bytes.readBigUInt64LE(value));
    case 5: // VIR_TYPED_PARAM_DOUBLE
      return bytes.readDoubleLE(value);
    case 6: // VIR_TYPED_PARAM_BOOLEAN
      return bytes.readInt8(value);
    default:
      return null;
  }
}
