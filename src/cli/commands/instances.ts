// SPDX-License-Identifier: BSD-3-Clause
import { instanceSchema, type InstanceDocument } from '../../wire/index.js';
import { attachConsole, followConsole } from '../console-stream.js';
import type { CommandContext, RegisterCommands } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { age, bytes, table } from '../output.js';

/** `ps`, `show`, `logs`, `console`, `pause`, `resume`, `restart`. */
export const registerInstances: RegisterCommands = (program, context) => {
  program
    .command('ps')
    .description('list instances')
    .option('-s, --selector <selector>', 'labels, as in app=web,!canary')
    .option('-p, --phase <phase>')
    .option('--host <id>')
    .action(async (options: { selector?: string; phase?: string; host?: string }) => {
      const { selector, phase, host } = options;
      const items = await context.allInstances({ selector, phase, host });
      context.output.result(items, () => instanceTable(items));
    });

  program
    .command('show <instance>')
    .description('show one instance, by name or id')
    .action(async (name: string) => {
      const instance = await context.instance(name);
      context.output.result(instance, () => JSON.stringify(instance, null, 2));
    });

  program
    .command('logs <instance>')
    .description('what the guest has printed')
    .option('-f, --follow', 'go on until it ends')
    .action(async (name: string, options: { follow?: boolean }) => {
      const { id } = await context.instance(name);
      if (options.follow === true) await followConsole(context, id);
      else
        context.output.write((await context.client.raw('GET', `/v1/instances/${id}/console`)).text);
    });

  program
    .command('console <instance>')
    .description('join the console of a guest; Ctrl-] leaves it')
    .action(async (name: string) => {
      await attachConsole(context, (await context.instance(name)).id);
    });

  for (const action of ['pause', 'resume', 'restart'] as const) {
    program
      .command(`${action} <instances...>`)
      .description(`${action} instances`)
      .action(async (names: readonly string[]) => {
        const changed: InstanceDocument[] = [];
        for (const name of names) {
          const { id } = await context.instance(name);
          const path = `/v1/instances/${id}:${action}`;
          changed.push(await context.client.call(instanceSchema, 'POST', path));
        }
        context.output.result(changed, () => instanceTable(changed));
      });
  }

  registerRemove(program, context);
};

interface RemoveOptions {
  readonly selector?: string;
  readonly all?: boolean;
}

const registerRemove: RegisterCommands = (program, context) => {
  program
    .command('rm [instances...]')
    .description('end and delete instances')
    .option('-s, --selector <selector>', 'all whose labels fit')
    .option('--all', 'all')
    .action(async (names: readonly string[], options: RemoveOptions) => {
      const selected = await selectedInstances(context, names, options);
      const failures: string[] = [];
      let done = 0;
      const queue = selected.values();
      const worker = async () => {
        for (const { id, name } of queue) {
          await context.client.raw('DELETE', `/v1/instances/${id}`).catch((error: unknown) => {
            if (!isGone(error)) failures.push(`${name}: ${String(error)}`);
          });
          done += 1;
          context.output.progress(`${done} of ${selected.length} deleted`);
        }
      };
      await Promise.all(Array.from({ length: 16 }, worker));
      context.output.endProgress();
      for (const failure of failures) context.output.note(failure);
      if (failures.length > 0) context.exitCode = EXIT.failed;
      const deleted = selected.length - failures.length;
      context.output.result({ deleted, failed: failures.length }, () => `${deleted} deleted`);
    });
};

async function selectedInstances(
  context: CommandContext,
  names: readonly string[],
  { selector, all }: RemoveOptions,
): Promise<readonly InstanceDocument[]> {
  const ways = [names.length > 0, selector !== undefined, all === true].filter(Boolean).length;
  if (ways !== 1) {
    throw new CommandError(
      'Name instances, or give --selector, or --all: one of them.',
      EXIT.usage,
    );
  }
  if (names.length > 0) return Promise.all(names.map((name) => context.instance(name)));
  return context.allInstances({ selector });
}

/** Whether somebody else deleted it first. */
function isGone(error: unknown): boolean {
  return error instanceof CommandError && error.exitCode === EXIT.notFound;
}

function instanceTable(items: readonly InstanceDocument[]): string {
  return table(
    ['ID', 'NAME', 'PHASE', 'APP', 'TARGET', 'HOST', 'MEMORY', 'EXIT', 'AGE'],
    items.map((instance) => [
      instance.id.slice(0, 8),
      instance.name,
      instance.phase,
      instance.app ?? '-',
      instance.target ?? '-',
      instance.host,
      bytes(instance.memory),
      instance.exitCode === null ? '-' : String(instance.exitCode),
      age(instance.createdAt),
    ]),
  );
}
