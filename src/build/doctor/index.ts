// SPDX-License-Identifier: BSD-3-Clause
export { examineBuildMachine } from './examine-machine.js';
