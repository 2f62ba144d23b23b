// SPDX-License-Identifier: BSD-3-Clause
export type { KconfigAnswer, KconfigEngine, KconfigQuestion } from './kconfig-engine.js';
export {
  PoolsConfigurator,
  type Configuration,
  type PoolsConfiguratorOptions,
} from './pools-configurator.js';
