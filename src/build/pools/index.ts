// SPDX-License-Identifier: BSD-3-Clause
export { choicesIn, configLine, parseDefconfig } from './defconfig.js';
export {
  parseDeclarations,
  type SymbolDeclaration,
  type SymbolType,
} from './kconfig-declarations.js';
export { applicationIn, PoolsCatalogue, requireTarget } from './pools-catalogue.js';
export { Pools, targetSymbol, type PoolsView } from './pools.js';
