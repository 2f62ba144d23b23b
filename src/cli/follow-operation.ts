// SPDX-License-Identifier: BSD-3-Clause
import { operationSchema, type OperationDocument } from '../wire/index.js';
import type { CommandContext } from './context.js';
import { EXIT } from './exit-codes.js';

/**
 * Shows an operation's progress until it has ended, then how it ended, and each item that failed. `done` is the word for an
 * item that is done, as in `created`.
 */
export async function followOperation(
  context: CommandContext,
  begun: OperationDocument,
  done: string,
): Promise<void> {
  const { client, output } = context;
  const path = `/v1/operations/${begun.id}`;
  let operation = begun;
  while (operation.phase === 'running') {
    const failed = operation.failed > 0 ? `, ${operation.failed} failed` : '';
    output.progress(`${operation.done} of ${operation.total} ${done}${failed}`);
    operation = await client.call(operationSchema, 'GET', path, { query: { wait: 0.5, items: 0 } });
  }
  output.endProgress();
  const items = await itemsOf(context, path, output.json ? undefined : 'true');
  output.result(
    { ...operation, items, next: null },
    () =>
      `${operation.phase}: ${operation.done} of ${operation.total} ${done}, ${operation.failed} failed`,
  );
  for (const { name, error } of items) {
    if (error !== null) output.note(`${name}: ${error.message} [${error.code}]`);
  }
  if (operation.phase !== 'succeeded' || operation.failed > 0) context.exitCode = EXIT.failed;
}

async function itemsOf(
  context: CommandContext,
  path: string,
  failed: 'true' | undefined,
): Promise<OperationDocument['items']> {
  const items: OperationDocument['items'] = [];
  let cursor: string | undefined;
  do {
    const query = { items: 10_000, failed, cursor };
    const page = await context.client.call(operationSchema, 'GET', path, { query });
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return items;
}
