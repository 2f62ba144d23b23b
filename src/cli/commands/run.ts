// SPDX-License-Identifier: BSD-3-Clause
import {
  digestSchema,
  instanceSchema,
  operationSchema,
  type InstanceDocument,
} from '../../wire/index.js';
import { followConsole } from '../console-stream.js';
import { followOperation } from '../follow-operation.js';
import { lifeOf } from '../life-options.js';
import {
  collect,
  chosenSymbols,
  pairs,
  parseSize,
  type CommandContext,
  type RegisterCommands,
} from '../context.js';
import { EXIT } from '../exit-codes.js';
import { applicationNamed } from '../application-argument.js';

interface RunOptions {
  readonly target?: string;
  readonly set?: readonly string[];
  readonly config?: string;
  readonly name?: string;
  readonly host?: string;
  readonly memory?: string;
  readonly vcpus?: string;
  readonly label?: readonly string[];
  readonly restart?: string;
  readonly ttl?: string;
  readonly ttlAfterFinished?: string;
  readonly paused?: boolean;
  readonly count?: string;
  readonly allOrNothing?: boolean;
  readonly wait: string;
  readonly attach?: boolean;
}

/** `run`: creates instances of an application or an image. */
export const registerRun: RegisterCommands = (program, context) => {
  program
    .command('run <app-or-folder-or-image> [args...]')
    .description('create an instance, or many with --count')
    .option('-t, --target <target>', 'as in kvm-x86_64; needed with an app')
    .option('-s, --set <symbol=value>', 'a Kconfig symbol; may be given again', collect)
    .option('--config <file>', 'a .config or defconfig, as unicore configure writes it')
    .option('-n, --name <name>', 'default: made from the app')
    .option('--host <id>', 'default: one that can run it')
    .option('-m, --memory <size>', 'as in 16M; default: what the image needs')
    .option('--vcpus <count>')
    .option('-l, --label <key=value>', 'may be given again', collect)
    .option('--restart <policy[:limit]>', 'never, on-failure or always, as in on-failure:5')
    .option('--ttl <time>', 'delete it after so long, as in 90s, 15m, 12h, 7d')
    .option('--ttl-after-finished <time>', 'delete it so long after its end')
    .option('--paused', 'leave it paused at its first instruction')
    .option(
      '-c, --count <count>',
      'how many; {n} in the name is 1 and so on, {n:04} in four digits',
    )
    .option('--all-or-nothing', 'with --count: none, if a name is taken or not all fit')
    .option('-w, --wait <seconds>', 'for it to run', '30')
    .option('-a, --attach', 'show its console until it ends, and exit with its code')
    .action(async (source: string, args: readonly string[], options: RunOptions) => {
      const application = digestSchema.safeParse(source).success
        ? { image: source }
        : (await applicationNamed(context, source)).request;
      const body = bodyOf(application, args, options);
      if (body.count !== undefined && (body.count > 1 || body.name?.includes('{') === true)) {
        await runMany(context, body);
        return;
      }
      const instance = await context.client.call(instanceSchema, 'POST', '/v1/instances', {
        body,
        query: { wait: options.wait },
      });
      if (options.attach === true) await attach(context, instance);
      else report(context, instance);
    });
};

function bodyOf(application: object, args: readonly string[], options: RunOptions) {
  const given = options.set !== undefined || options.config !== undefined;
  return {
    ...application,
    target: options.target,
    symbols: given ? chosenSymbols(options).symbols : undefined,
    name: options.name,
    host: options.host,
    memory: options.memory === undefined ? undefined : parseSize(options.memory),
    vcpus: options.vcpus === undefined ? undefined : Number(options.vcpus),
    args,
    labels: pairs(options.label, '--label'),
    ...lifeOf(options),
    paused: options.paused,
    count: options.count === undefined ? undefined : Number(options.count),
    allOrNothing: options.allOrNothing,
  };
}

async function attach(context: CommandContext, instance: InstanceDocument): Promise<void> {
  await followConsole(context, instance.id);
  const ended = await context.instance(instance.id);
  context.exitCode = ended.exitCode ?? (ended.phase === 'failed' ? EXIT.failed : EXIT.ok);
}

function report(context: CommandContext, instance: InstanceDocument): void {
  const exit = instance.exitCode === null ? '' : ` (exit code ${instance.exitCode})`;
  context.output.result(
    instance,
    () => `${instance.id}  ${instance.name}  ${instance.phase}${exit}`,
  );
  if (instance.phase !== 'failed' && instance.phase !== 'lost') return;
  for (const { status, message } of instance.conditions) {
    if (!status) context.output.note(message);
  }
  context.exitCode = EXIT.failed;
}

async function runMany(context: CommandContext, body: object): Promise<void> {
  const operation = await context.client.call(operationSchema, 'POST', '/v1/instances', { body });
  await followOperation(context, operation, 'created');
}
