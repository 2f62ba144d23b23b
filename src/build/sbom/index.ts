// SPDX-License-Identifier: BSD-3-Clause
export { joinLicences, spdxDocument, type SpdxDocument } from './spdx.js';
