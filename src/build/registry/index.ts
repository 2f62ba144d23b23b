// SPDX-License-Identifier: BSD-3-Clause
export { OciImageExchange } from './image-exchange.js';
export type { ExchangeSettings, RegistrySettings } from './registry-settings.js';
