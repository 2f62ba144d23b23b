// SPDX-License-Identifier: BSD-3-Clause
import type { Operation } from '../../orchestrator/ports.js';
import type { OperationDocument, OperationItemsQuery } from '../../wire/index.js';

const DEFAULT_ITEMS = 1_000;

/** An operation with one page of its items: from the cursor on, all or only those that failed. `next` asks for the rest. */
export function operationView(
  operation: Operation,
  { items: limit = DEFAULT_ITEMS, cursor = 0, failed = false }: OperationItemsQuery = {},
): OperationDocument {
  const { items } = operation;
  const page: OperationDocument['items'] = [];
  let index = cursor;
  for (; index < items.length && page.length < limit; index++) {
    const item = items[index];
    if (item !== undefined && (!failed || item.error !== null)) page.push(item);
  }
  return { ...operation, items: page, next: index < items.length ? String(index) : null };
}
