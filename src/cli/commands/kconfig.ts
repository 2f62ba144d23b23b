// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import {
  defconfigCandidates,
  type Evaluation,
  explain,
  filesBelow,
  formatExplanation,
  formatWarning,
  type KconfigTree,
  listNew,
  loadKconfig,
  type NewSymbols,
  readConfig,
  resolve,
  resolveAll,
  resolveForSaving,
  suggest,
  unmetWarning,
  type UserValues,
  writeConfig,
  writeMinimal,
} from '../../build/kconfig/index.js';
import { messageOf, UnicoreError } from '../../errors/index.js';

interface KconfigOptions {
  readonly root: string;
  readonly config: string;
  readonly env: Readonly<Record<string, string>>;
  readonly allow: readonly string[];
}

/** Where the commands write, so that a test can read it. */
export interface KconfigOutput {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly exitCode: (code: number) => void;
}

const PROCESS_OUTPUT: KconfigOutput = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  exitCode: (code) => {
    process.exitCode = code;
  },
};

const ALL_MODES: Readonly<Record<string, readonly [NewSymbols, string]>> = {
  alldefconfig: ['default', 'all symbols get their defaults'],
  allnoconfig: ['no', 'all symbols are n where they can be'],
  allyesconfig: ['yes', 'all symbols are y where they can be'],
  allmodconfig: ['module', 'all symbols are m where they can be, else y'],
};

/** Adds `kconfig` to the program: configures any Kconfig tree, as `kconfig-conf` does, and explains the outcome. */
export function registerKconfigCommands(
  program: Command,
  output: KconfigOutput = PROCESS_OUTPUT,
): void {
  const group = program
    .command('kconfig')
    .description('configure a Kconfig tree, as kconfig-conf does, and explain the outcome');

  const add = (usage: string, description: string, action: (run: Run, argument: string) => void) =>
    group
      .command(usage)
      .description(description)
      .requiredOption('--root <file>', 'the first Kconfig file')
      .option('--config <file>', 'the configuration', '.config')
      .option('--env <name=value>', 'set an environment variable of the tree', addVariable, {})
      .option('--allow <folder>', 'read Kconfig files from here as well', addFolder, [])
      .action((...parameters: readonly unknown[]) => {
        const command = parameters.at(-1) as Command;
        attempt(output, () => {
          action(new Run(command.opts<KconfigOptions>(), output), command.args[0] ?? '');
        });
      });

  for (const [name, [mode, description]] of Object.entries(ALL_MODES)) {
    add(name, `write a configuration in which ${description}`, (run) => {
      run.write(resolveAll(run.tree, mode, run.seed()));
    });
  }
  add('olddefconfig', 'complete the configuration with defaults', (run) => {
    const user = run.existing();
    run.write(user === undefined ? resolveAll(run.tree, 'default') : resolve(run.tree, user));
  });
  add('savedefconfig [file]', 'write what differs from the defaults', (run, file) => {
    const user = run.existing();
    const evaluation =
      user === undefined ? resolveAll(run.tree, 'default') : resolveForSaving(run.tree, user);
    run.warnOfSelections(evaluation);
    writeFileSync(file === '' ? 'defconfig' : file, writeMinimal(evaluation));
  });
  add('listnewconfig', 'list symbols that the configuration does not set', (run) => {
    for (const name of listNew(run.current())) output.out(`${name}\n`);
  });
  add(
    'explain <symbol>',
    'say why a symbol has its value, and what would turn it on',
    (run, name) => {
      explainSymbol(run, name.replace(/^CONFIG_/, ''), output);
    },
  );
}

function explainSymbol(run: Run, name: string, output: KconfigOutput): void {
  const symbol = run.tree.find(name);
  if (symbol?.isDefined !== true) {
    throw new UnicoreError('UNKNOWN_SYMBOL', `the tree has no symbol ${name}`);
  }
  const evaluation = run.current();
  output.out(formatExplanation(explain(evaluation, symbol)));
  if (evaluation.tristate(symbol) !== 0) return;
  const changes = suggest(evaluation, symbol);
  if (changes === null) {
    if (symbol.type === 'bool' || symbol.type === 'tristate') {
      output.out('  to turn it on: no way was found\n');
    }
    return;
  }
  const text = changes.map((change) => `${change.symbol.name}=${change.value}`).join(', ');
  output.out(`  to turn it on: set ${text}\n`);
}

/** Runs a command; what goes wrong is told on standard error, and the exit code is 1 as `kconfig-conf` has it. */
function attempt(output: KconfigOutput, action: () => void): void {
  try {
    action();
  } catch (error) {
    output.error(`${messageOf(error)}\n`);
    output.exitCode(1);
  }
}

/** One run of a command: the tree, and the files that it reads and writes. */
class Run {
  readonly tree: KconfigTree;

  constructor(
    private readonly options: KconfigOptions,
    private readonly output: KconfigOutput,
  ) {
    const root = path.resolve(options.root);
    const files = filesBelow(
      [path.dirname(root), process.cwd(), ...options.allow],
      process.cwd(),
      options.env.srctree,
    );
    this.tree = loadKconfig({
      entry: options.root,
      files,
      environment: { ...processEnvironment(), ...options.env },
    });
    for (const message of this.tree.messages) output.out(`${message}\n`);
    for (const warning of this.tree.warnings) output.error(`${formatWarning(warning)}\n`);
  }

  /** What the configuration file sets, else the first of the tree's defconfig list that is there; undefined if none is. */
  existing(): UserValues | undefined {
    const { config } = this.options;
    if (existsSync(config)) return this.read(config);
    const substitute = defconfigCandidates(this.tree).find((file) => existsSync(file));
    if (substitute === undefined) return undefined;
    this.output.out(`#\n# using defaults found in ${substitute}\n#\n`);
    return this.read(substitute);
  }

  /** What the file in KCONFIG_ALLCONFIG sets, which the `all*config` commands begin with. */
  seed(): UserValues | undefined {
    const file = this.options.env.KCONFIG_ALLCONFIG ?? process.env.KCONFIG_ALLCONFIG;
    return file === undefined || file === '' ? undefined : this.read(file);
  }

  /** The values as they are, complete. */
  current(): Evaluation {
    const user = this.existing();
    return user === undefined ? resolveAll(this.tree, 'default') : resolve(this.tree, user);
  }

  warnOfSelections(evaluation: Evaluation): void {
    for (const symbol of evaluation.unmetSelections) {
      this.output.error(`warning: ${unmetWarning(symbol)}\n`);
    }
  }

  /** Writes the whole configuration; the one that was there is kept with `.old` behind its name. */
  write(evaluation: Evaluation): void {
    const { config } = this.options;
    this.warnOfSelections(evaluation);
    const temporary = `${config}.${process.pid}.new`;
    writeFileSync(temporary, writeConfig(evaluation));
    if (existsSync(config)) renameSync(config, `${config}.old`);
    renameSync(temporary, config);
    this.output.out(`#\n# configuration written to ${config}\n#\n`);
  }

  private read(file: string): UserValues {
    const { user, warnings } = readConfig(this.tree, readFileSync(file, 'utf8'), { file });
    for (const warning of warnings) this.output.error(`${formatWarning(warning)}\n`);
    return user;
  }
}

function processEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}

function addVariable(text: string, known: Record<string, string>): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1)
    throw new UnicoreError('INVALID_REQUEST', `--env takes name=value, not "${text}"`);
  return { ...known, [text.slice(0, equals)]: text.slice(equals + 1) };
}

function addFolder(folder: string, known: readonly string[]): readonly string[] {
  return [...known, folder];
}
