// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import { parseXlInfo, parseXlKernels, parseXlList } from './xl-list.js';

const HEADING =
  'Name                                        ID   Mem VCPUs\tState\tTime(s)   UUID                            Reason-Code\tSecurity Label\n';
const UUID = 'f8efd042-f679-49b4-a5e3-2827beae1f33';

function row(state: string, reason: string, name = 'web-1'): string {
  return `${name.padEnd(40)}     5     4     1     ${state}       1.5 ${UUID}        ${reason}                -\n`;
}

describe('parseXlList', () => {
  it('reads a row, and leaves out dom0 and the heading', () => {
    const dom0 =
      'Domain-0                                     0  1536     2     r-----      39.3 00000000-0000-0000-0000-000000000000        -                -\n';
    expect(parseXlList(HEADING + dom0 + row('-b----', '-'))).toEqual([
      {
        name: 'web-1',
        domid: 5,
        memoryMebibytes: 4,
        vcpus: 1,
        state: 'running',
        cpuSeconds: 1.5,
        uuid: UUID,
        shutdownReason: null,
      },
    ]);
  });

  it.each([
    ['r-----', '-', 'running'],
    ['------', '-', 'running'],
    ['--p---', '-', 'paused'],
    ['---s--', '0', 'shutdown'],
    ['---sr-', '1', 'shutdown'],
    ['---sc-', '3', 'crashed'],
    ['---sw-', '4', 'crashed'],
    ['---s-d', '0', 'dying'],
    ['-----d', '-', 'dying'],
  ])('reads the state %s', (letters, reason, state) => {
    expect(parseXlList(row(letters, reason))[0]?.state).toBe(state);
  });

  it('keeps a name with blanks, as strangers have them', () => {
    expect(parseXlList(row('r-----', '-', 'my old vm'))[0]?.name).toBe('my old vm');
  });
});

describe('parseXlKernels', () => {
  it('gives the kernel of each domain that xl made', () => {
    const listed = [
      { domid: 0, config: { c_info: { type: 'pv' }, b_info: {} } },
      { domid: 5, config: { c_info: { uuid: UUID }, b_info: { kernel: '/images/a' } } },
      { domid: 6 },
    ];
    expect([...parseXlKernels(JSON.stringify(listed))]).toEqual([[UUID, '/images/a']]);
  });
});

describe('parseXlInfo', () => {
  it('subtracts what is claimed from what is free', () => {
    const text =
      'nr_cpus                : 2\ntotal_memory           : 8191\nfree_memory            : 100\noutstanding_claims     : 40\nxen_version            : 4.17.7\n';
    expect(parseXlInfo(text)).toMatchObject({
      version: '4.17.7',
      cpus: 2,
      memoryBytes: 8191 * 1024 * 1024,
      freeMemoryBytes: 60 * 1024 * 1024,
    });
  });

  it('says null for what is not told', () => {
    expect(parseXlInfo('')).toMatchObject({ memoryBytes: null, freeMemoryBytes: null, cpus: null });
  });
});
