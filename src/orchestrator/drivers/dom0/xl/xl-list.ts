// SPDX-License-Identifier: BSD-3-Clause

/** A row of `xl list -v`. */
export interface XlListRow {
  /** Empty for one that is being made. */
  readonly name: string;
  readonly domid: number;
  readonly memoryMebibytes: number;
  readonly vcpus: number;
  readonly state: 'running' | 'paused' | 'shutdown' | 'crashed' | 'dying';
  /** Processor time since it was created, to a tenth of a second. */
  readonly cpuSeconds: number;
  readonly uuid: string;
  /** Why it shut down: SHUTDOWN_* of Xen's public sched.h, or null while it runs. */
  readonly shutdownReason: number | null;
}

/** Whether a domain has no name, or not even the place for one: it is only being made, or its creation was broken off. */
export function isNameless({ name }: XlListRow): boolean {
  return name === '' || name === '(null)';
}

// Name, ID, Mem, VCPUs, State, Time, UUID, Reason-Code, Security Label. The state's letters: running, blocked, paused, shutdown,
// why it shut down (reboot, suspend, crash, watchdog), dying.
const ROW =
  /^(.+?)\s+(\d+)\s+(\d+)\s+(\d+)\s+([r-][b-][p-][s-][-rscw?][d-])\s+(\d+(?:\.\d+)?)\s+([0-9a-f-]{36})\s+(\d+|-)\s/;

/** Reads the output of `xl list -v`. Rows of another form (the heading) are passed over. dom0 is left out. */
export function parseXlList(text: string): readonly XlListRow[] {
  const rows: XlListRow[] = [];
  for (const line of text.split('\n')) {
    const match = ROW.exec(`${line} `);
    if (match === null) continue;
    const [, name = '', domid, memory, vcpus, flags = '', seconds, uuid = '', reason] = match;
    if (domid === '0') continue;
    rows.push({
      name: name.trim(),
      domid: Number(domid),
      memoryMebibytes: Number(memory),
      vcpus: Number(vcpus),
      state: stateOf(flags),
      cpuSeconds: Number(seconds),
      uuid,
      shutdownReason: reason === '-' ? null : Number(reason),
    });
  }
  return rows;
}

function stateOf(flags: string): XlListRow['state'] {
  if (flags[5] === 'd') return 'dying';
  if (flags[3] === 's') return flags[4] === 'c' || flags[4] === 'w' ? 'crashed' : 'shutdown';
  if (flags[2] === 'p') return 'paused';
  return 'running';
}

/** The kernel of each domain that `xl list -l` shows, by UUID. A domain that xl did not make has none. */
export function parseXlKernels(json: string): ReadonlyMap<string, string> {
  const kernels = new Map<string, string>();
  const domains: unknown = JSON.parse(json);
  if (!Array.isArray(domains)) return kernels;
  for (const domain of domains as readonly XlLongEntry[]) {
    const { c_info: creation, b_info: build } = domain.config ?? {};
    if (typeof creation?.uuid === 'string' && typeof build?.kernel === 'string') {
      kernels.set(creation.uuid, build.kernel);
    }
  }
  return kernels;
}

/** The part that we read of an entry of `xl list -l`, which is libxl's own JSON form of its configuration. */
interface XlLongEntry {
  readonly config?: {
    readonly c_info?: { readonly uuid?: unknown };
    readonly b_info?: { readonly kernel?: unknown };
  };
}

/** The memory of dom0 in bytes, from `xl list`; 0 if it is not told. */
export function parseDom0MemoryBytes(text: string): number {
  return Number(/^\S.*?\s0\s+(\d+)\s/m.exec(text)?.[1] ?? 0) * 1024 * 1024;
}

/** Host memory in bytes and processors. */
export interface XlInfo {
  readonly version: string;
  readonly memoryBytes: number | null;
  readonly freeMemoryBytes: number | null;
  readonly cpus: number | null;
}

/** Reads the output of `xl info`. */
export function parseXlInfo(text: string): XlInfo {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf(':');
    if (at > 0) fields.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  const number = (name: string): number | null => {
    const value = fields.get(name);
    return value !== undefined && /^\d+$/.test(value) ? Number(value) : null;
  };
  const mebibytes = (value: number | null): number | null =>
    value === null ? null : value * 1024 * 1024;
  const free = number('free_memory');
  return {
    version: fields.get('xen_version') ?? 'unknown',
    memoryBytes: mebibytes(number('total_memory')),
    // What is promised to domains that are being built is not free, though Xen still counts it so.
    freeMemoryBytes: mebibytes(
      free === null ? null : Math.max(0, free - (number('outstanding_claims') ?? 0)),
    ),
    cpus: number('nr_cpus'),
  };
}
