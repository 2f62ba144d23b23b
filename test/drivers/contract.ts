// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, beforeAll, describe } from 'vitest';
import { describeConsole } from './contract/console.js';
import type { DriverHarness } from './contract/harness.js';
import { describeLife } from './contract/life.js';
import { describeParking } from './contract/parking.js';
import { describePausing } from './contract/pausing.js';
import { describeRestart } from './contract/restart.js';

export type { ContractGuests, DriverHarness, Guest, Stranger } from './contract/harness.js';

/**
 * What every `HypervisorDriver` promises, as tests against a real host. A driver's own test file calls this with a
 * harness; what the driver says that it cannot do is tested to be refused with DRIVER_UNSUPPORTED.
 * `parks`: whether its guests can park, so that there are tests of it.
 */
export function describeDriverContract(
  name: string,
  makeHarness: () => Promise<DriverHarness>,
  { parks = true }: { readonly parks?: boolean } = {},
): void {
  describe(`${name} driver contract`, () => {
    let made: DriverHarness | undefined;
    const harness = (): DriverHarness => {
      if (made === undefined) throw new Error('the harness was not made');
      return made;
    };
    beforeAll(async () => {
      made = await makeHarness();
    });
    afterAll(async () => {
      await made?.close();
    });

    describeLife(harness);
    describePausing(harness);
    describeParking(harness, parks);
    describeConsole(harness);
    describeRestart(harness);
  });
}
