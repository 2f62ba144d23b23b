// SPDX-License-Identifier: BSD-3-Clause
import { Command, CommanderError } from 'commander';
import { registerBuild } from './commands/build.js';
import { registerCatalogue } from './commands/catalogue.js';
import { registerDoctor } from './commands/doctor.js';
import { registerCompletion } from './commands/completion.js';
import { registerConfigure } from './commands/configure.js';
import { registerExplain } from './commands/explain.js';
import { registerEvents } from './commands/events.js';
import { registerGraph } from './commands/graph.js';
import { registerImages } from './commands/images.js';
import { registerInstances } from './commands/instances.js';
import { registerKconfigCommands } from './commands/kconfig.js';
import { registerRun } from './commands/run.js';
import { registerTokens } from './commands/tokens.js';
import { registerTour } from './commands/tour.js';
import { registerVersion } from './commands/version.js';
import { registerWarmPools } from './commands/warm-pools.js';
import { CommandContext, type RegisterCommands, type Streams } from './context.js';
import { CommandError, EXIT } from './exit-codes.js';

const COMMANDS: readonly RegisterCommands[] = [
  registerCatalogue,
  registerBuild,
  registerConfigure,
  registerExplain,
  registerGraph,
  registerImages,
  registerRun,
  registerInstances,
  registerEvents,
  registerDoctor,
  registerTokens,
  registerWarmPools,
  registerTour,
  registerVersion,
  registerCompletion,
];

const EXIT_CODES_HELP = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the daemon does not answer, 4 not allowed, 5 not found.
Environment: UNICORE_STATE_DIR, or UNICORE_URL with UNICORE_TOKEN or UNICORE_TOKEN_FILE.`;

/** Runs one command line, without the program's own name. Returns the exit code. */
export async function runCommandLine(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  streams: Streams,
): Promise<number> {
  const program = new Command('unicore')
    .description('Builds unikernels from library pools and runs them.')
    .option('--json', 'print JSON')
    .addHelpText('after', EXIT_CODES_HELP);
  const context = new CommandContext(program, environment, streams);
  for (const register of COMMANDS) register(program, context);
  registerKconfigCommands(program, {
    out: (text) => streams.out.write(text),
    error: (text) => streams.err.write(text),
    exitCode: (code) => (context.exitCode = code),
  });
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => streams.out.write(text),
      writeErr: (text) => streams.err.write(text),
    });
    if (command !== program) command.option('--json', 'print JSON');
  }
  program.hook('preAction', (_program, command) => {
    if (command.opts<{ json?: boolean }>().json === true) program.setOptionValue('json', true);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof CommandError)) throw error;
    const { output } = context;
    if (output.json && error.problem !== undefined) output.result(error.problem, () => '');
    output.note(`unicore: ${error.message}`);
    return error.exitCode;
  }
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
