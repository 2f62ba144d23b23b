// SPDX-License-Identifier: BSD-3-Clause
export { XlCommands } from './xl-commands.js';
export { isNameless, type XlListRow } from './xl-list.js';
