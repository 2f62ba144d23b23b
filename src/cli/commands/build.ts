// SPDX-License-Identifier: BSD-3-Clause
import { buildLogChunkSchema, buildSchema } from '../../wire/index.js';
import { openStream } from '../client/stream.js';
import { collect, pairs, type CommandContext, type RegisterCommands } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { table } from '../output.js';

interface BuildOptions {
  readonly target: readonly string[];
  readonly set?: readonly string[];
  readonly log?: boolean;
}

/** `build`: builds an application for one or more targets and waits for it. */
export const registerBuild: RegisterCommands = (program, context) => {
  program
    .command('build <app>')
    .description('build an application')
    .requiredOption('-t, --target <target>', 'as in kvm-x86_64; may be given again', collect)
    .option('-s, --set <symbol=value>', 'a Kconfig symbol; may be given again', collect)
    .option('-l, --log', 'show the log')
    .action(async (app: string, options: BuildOptions) => {
      const body = { app, targets: options.target, symbols: pairs(options.set, '--set') };
      const accepted = await context.client.call(buildSchema, 'POST', '/v1/builds', { body });
      if (options.log === true) await followLog(context, accepted.id);
      let build = accepted;
      while (build.phase === 'queued' || build.phase === 'running') {
        context.output.progress(`building ${app}: ${build.phase}`);
        build = await context.client.call(buildSchema, 'GET', `/v1/builds/${accepted.id}`, {
          query: { wait: 30 },
        });
      }
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

async function followLog(context: CommandContext, id: string): Promise<void> {
  const { messages } = await openStream(context.client, `/v1/builds/${id}/log`);
  for await (const message of messages) {
    const { text } = buildLogChunkSchema.parse(JSON.parse(message.toString()));
    context.output.remark(text);
  }
}
