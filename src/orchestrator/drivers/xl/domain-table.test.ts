// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import type { DriverEvent } from '../driver.js';
import { DomainTable } from './domain-table.js';
import type { XlListRow } from '../dom0/index.js';

const ID = '11111111-2222-4333-8444-555555555555';

function row(changes: Partial<XlListRow> = {}): XlListRow {
  return {
    name: `web-${ID.slice(0, 8)}`,
    domid: 7,
    memoryMebibytes: 2,
    vcpus: 1,
    state: 'paused',
    cpuSeconds: 0,
    uuid: ID,
    shutdownReason: null,
    ...changes,
  };
}

describe('DomainTable', () => {
  it('asks again whose a domain is for as long as nobody can say', () => {
    const events: DriverEvent[] = [];
    const table = new DomainTable((event) => events.push(event));
    table.merge([row()], table.now(), () => null);
    expect(table.isUndecided(ID)).toBe(true);
    expect(table.observations()).toMatchObject([{ id: ID, owned: false }]);
    expect(table.unknown([row()])).toHaveLength(1);

    table.merge([row({ state: 'running' })], table.now(), () => true);
    expect(table.isUndecided(ID)).toBe(false);
    expect(table.observations()).toMatchObject([{ id: ID, owned: true }]);
    expect(events).toEqual([{ type: 'started', id: ID }]);
  });

  it('asks no more for one that is somebody else’s', () => {
    const table = new DomainTable(() => undefined);
    table.merge([row()], table.now(), () => false);
    expect(table.isUndecided(ID)).toBe(false);
    expect(table.unknown([row()])).toEqual([]);
    // A domain with the same id that was made anew is another one.
    expect(table.unknown([row({ domid: 8 })])).toHaveLength(1);
  });
});
