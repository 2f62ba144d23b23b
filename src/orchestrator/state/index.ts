// SPDX-License-Identifier: BSD-3-Clause
export { Journal, type NewEvent } from './journal.js';
export { MemoryStateStore } from './memory-state-store.js';
export { openSqliteStateStore, type SqliteStateStoreOptions } from './sqlite/sqlite-state-store.js';
export type {
  StateChange,
  StateStore,
  StoredDefinition,
  StoredDocument,
  StoredInstance,
  StoredProgress,
  StoredState,
} from './state-store.js';
