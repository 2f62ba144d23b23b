// SPDX-License-Identifier: BSD-3-Clause
import {
  instanceSchema,
  operationSchema,
  type InstanceDocument,
  type DeleteSelectionBody,
  type SelectionBody,
} from '../../wire/index.js';
import { attachConsole, followConsole } from '../console-stream.js';
import { collect, pairs, type CommandContext, type RegisterCommands } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { followOperation } from '../follow-operation.js';
import { lifeOf, type LifeOptions } from '../life-options.js';
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

  for (const [action, done] of ACTIONS) {
    program
      .command(`${action} [instances...]`)
      .description(`${action} instances`)
      .option('-s, --selector <selector>', 'all whose labels fit')
      .option('--all', 'all')
      .action(async (names: readonly string[], options: SelectOptions) => {
        const selection = selectionOf(names, options);
        if (selection !== null) {
          await changeMany(context, action, selection, done);
          return;
        }
        const changed: InstanceDocument[] = [];
        for (const name of names) {
          const { id } = await context.instance(name);
          const path = `/v1/instances/${id}:${action}`;
          changed.push(await context.client.call(instanceSchema, 'POST', path));
        }
        context.output.result(changed, () => instanceTable(changed));
      });
  }

  registerUpdate(program, context);
  registerRemove(program, context);
};

interface UpdateOptions extends LifeOptions {
  readonly label?: readonly string[];
}

const registerUpdate: RegisterCommands = (program, context) => {
  program
    .command('update <instance>')
    .description('change labels, restart policy and times to live')
    .option('-l, --label <key=value>', 'key- takes one away; may be given again', collect)
    .option('--restart <policy[:limit]>', 'never, on-failure or always, as in on-failure:5')
    .option('--ttl <time>', 'as in 90s, 15m, 12h, 7d, or none')
    .option('--ttl-after-finished <time>')
    .action(async (name: string, options: UpdateOptions) => {
      const { id } = await context.instance(name);
      const given = options.label ?? [];
      const removed = given.filter((each) => each.endsWith('-') && !each.includes('='));
      const set = pairs(
        given.filter((each) => !removed.includes(each)),
        '--label',
      );
      const gone = removed.map((each) => [each.slice(0, -1), null] as const);
      const body = {
        ...(given.length === 0 ? {} : { labels: { ...set, ...Object.fromEntries(gone) } }),
        ...lifeOf(options),
      };
      const path = `/v1/instances/${id}`;
      const updated = await context.client.call(instanceSchema, 'PATCH', path, { body });
      context.output.result(updated, () => instanceTable([updated]));
    });
};

const ACTIONS = [
  ['pause', 'paused'],
  ['resume', 'resumed'],
  ['restart', 'restarted'],
] as const;

interface RemoveOptions extends SelectOptions {
  readonly grace?: string;
}

interface SelectOptions {
  readonly selector?: string;
  readonly all?: boolean;
}

const registerRemove: RegisterCommands = (program, context) => {
  program
    .command('rm [instances...]')
    .description('end and delete instances')
    .option('-g, --grace <seconds>', 'let guests end by themselves first')
    .option('-s, --selector <selector>', 'all whose labels fit')
    .option('--all', 'all')
    .action(async (names: readonly string[], options: RemoveOptions) => {
      const selection = selectionOf(names, options);
      if (selection !== null) {
        const { grace } = options;
        const body = grace === undefined ? selection : { ...selection, grace: Number(grace) };
        await changeMany(context, 'delete', body, 'deleted');
        return;
      }
      let deleted = 0;
      let failed = 0;
      for (const name of names) {
        try {
          const { id } = await context.instance(name);
          const query = { grace: options.grace };
          await context.client.raw('DELETE', `/v1/instances/${id}`, { query });
          deleted++;
        } catch (error) {
          if (names.length === 1 || !(error instanceof CommandError)) throw error;
          failed++;
          context.output.note(`${name}: ${error.message}`);
        }
      }
      if (failed > 0) context.exitCode = EXIT.failed;
      context.output.result({ deleted, failed }, () => `${deleted} deleted`);
    });
};

/** What the options select, or null if instances are named. @throws CommandError unless it is one of them */
function selectionOf(
  names: readonly string[],
  { selector, all }: SelectOptions,
): SelectionBody | null {
  const ways = [names.length > 0, selector !== undefined, all === true].filter(Boolean).length;
  if (ways !== 1) {
    throw new CommandError(
      'Name instances, or give --selector, or --all: one of them.',
      EXIT.usage,
    );
  }
  if (names.length > 0) return null;
  return selector === undefined ? { all: true } : { selector };
}

async function changeMany(
  context: CommandContext,
  change: 'delete' | 'pause' | 'resume' | 'restart',
  body: DeleteSelectionBody,
  done: string,
): Promise<void> {
  const path = `/v1/instances:${change}`;
  const operation = await context.client.call(operationSchema, 'POST', path, { body });
  await followOperation(context, operation, done);
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
