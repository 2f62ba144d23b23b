// SPDX-License-Identifier: BSD-3-Clause
export { DirectorySourceStore, type StoredSource } from './directory-source-store.js';
