// SPDX-License-Identifier: BSD-3-Clause
import { buildLogChunkSchema, buildSchema, type BuildDocument } from '../../wire/index.js';
import { lenient } from '../client/lenient.js';
import { openStream } from '../client/stream.js';
import { chosenSymbols, collect, type CommandContext, type RegisterCommands } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { table } from '../output.js';
import { applicationNamed } from '../application-argument.js';

interface BuildOptions {
  readonly target?: readonly string[];
  readonly config?: string;
  readonly set?: readonly string[];
  readonly log?: boolean;
}

/** `build`: builds an application for one or more targets and waits for it. */
export const registerBuild: RegisterCommands = (program, context) => {
  program
    .command('build <app-or-folder>')
    .description('build an application of the pools, or one in a folder, as in ./hello')
    .option(
      '-t, --target <target>',
      'as in kvm-x86_64; may be given again; those of --config if not',
      collect,
    )
    .option('-c, --config <file>', 'a .config or defconfig, as unicore configure writes it')
    .option('-s, --set <symbol=value>', 'a Kconfig symbol; may be given again', collect)
    .option('-l, --log', 'show the log')
    .action(async (app: string, options: BuildOptions) => {
      const { symbols, targets: chosen } = chosenSymbols(options);
      const targets = options.target ?? chosen;
      if (targets.length === 0) {
        throw new CommandError('Name a target with -t, or choose one in the --config', EXIT.usage);
      }
      const { request } = await applicationNamed(context, app);
      const body = { ...request, targets, symbols };
      const accepted = await context.client.call(buildSchema, 'POST', '/v1/builds', { body });
      const cancel = (): void => {
        void context.client.call(buildSchema, 'DELETE', `/v1/builds/${accepted.id}`);
      };
      process.once('SIGINT', cancel);
      if (options.log === true) await followLog(context, accepted.id);
      let build = accepted;
      while (build.phase === 'queued' || build.phase === 'running') {
        context.output.progress(`building ${app}: ${progressOf(build)}`);
        build = await context.client.call(buildSchema, 'GET', `/v1/builds/${accepted.id}`, {
          query: { wait: context.output.interactive ? 0.5 : 30 },
        });
      }
      process.off('SIGINT', cancel);
      context.output.endProgress();
      context.output.result(build, () =>
        table(
          ['TARGET', 'PHASE', 'CACHED', 'IMAGE'],
          build.targets.map((target) => [
            target.target,
            target.phase,
            target.cached ? 'yes' : 'no',
            target.image ?? target.error?.message ?? '-',
          ]),
        ),
      );
      for (const { target, warnings } of build.targets) {
        for (const warning of warnings) context.output.note(`${target}: ${warning.message}`);
      }
      if (build.phase !== 'succeeded') context.exitCode = EXIT.failed;
    });
};

/** As in `kvm-x86_64 12/40 lib/libc/string.c, linuxu-x86_64 queued`. */
function progressOf({ targets }: BuildDocument): string {
  return targets
    .map(({ target, phase, progress }) => {
      if (phase !== 'running' || progress === null) return `${target} ${phase}`;
      return `${target} ${progress.done}/${progress.total} ${progress.file ?? ''}`.trimEnd();
    })
    .join(', ');
}

async function followLog(context: CommandContext, id: string): Promise<void> {
  const { messages } = await openStream(context.client, `/v1/builds/${id}/log`);
  for await (const message of messages) {
    const { text } = lenient(buildLogChunkSchema).parse(JSON.parse(message.toString()));
    context.output.remark(text);
  }
}
