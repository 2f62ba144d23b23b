// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../../src/orchestrator/drivers/driver.js';
import type { GuestReport } from '../../../src/orchestrator/drivers/libvirt/console/lines.js';
import { TrackedDomain } from '../../../src/orchestrator/drivers/libvirt/tracked-domain.js';

/** A domain that is being created, whose console gives these reports when it is read to its end. */
function creating(reports: readonly GuestReport[]) {
  const events: DriverEvent[] = [];
  const domain = new TrackedDomain({
    ...{ id: 'd', name: 'n', reportsExit: true, phase: 'creating', found: false, ready: null },
    emit: (event) => events.push(event),
  });
  const nothing = (): Promise<void> => Promise.resolve();
  domain.console = {
    finish: () => {
      for (const report of reports) domain.reported(report);
      return Promise.resolve(true);
    },
    read: () => {
      throw new Error('nobody reads');
    },
    ...{ scan: nothing, remove: nothing, close: nothing },
  };
  return { domain, types: () => events.map(({ type }) => type) };
}

const READY: GuestReport = { type: 'ready', bootNanoseconds: 5 };
const EXIT: GuestReport = { type: 'exit', code: 3 };

describe('a domain that libvirt says it could not create', () => {
  it('has run if the guest spoke: then its whole life is told', async () => {
    const { domain, types } = creating([READY, EXIT]);
    expect(await domain.hasRun()).toBe(true);
    expect(types()).toEqual(['started', 'ready', 'ended']);
    expect(domain.exit).toMatchObject({ reason: 'exited', exitCode: 3 });
  });

  it('has not run if the guest said nothing: then nothing is told', async () => {
    const { domain, types } = creating([]);
    expect(await domain.hasRun()).toBe(false);
    expect(types()).toEqual([]);
  });

  it('has run, and is told once, if libvirt has told of its end already', async () => {
    const { domain, types } = creating([READY, EXIT]);
    const [, hasRun] = await Promise.all([domain.stopped(0), domain.hasRun()]);
    expect(hasRun).toBe(true);
    expect(types()).toEqual(['started', 'ready', 'ended']);
  });
});
