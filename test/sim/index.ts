// SPDX-License-Identifier: BSD-3-Clause
export { Boundaries, type Death } from './boundaries.js';
export { FakeClock, settle } from './fake-clock.js';
export { SIM_CAPABILITIES, SimDriver } from './sim-driver.js';
export { SimHost, type SimFault, type SimGuest, type SimHostOptions } from './sim-host.js';
export { simImage, World, type WorldOptions } from './world.js';
