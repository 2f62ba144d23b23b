// SPDX-License-Identifier: BSD-3-Clause
import type { Command } from 'commander';
import type { RegisterCommands } from '../context.js';

/** `completion`: a script for bash or zsh, made from the commands that there are. */
export const registerCompletion: RegisterCommands = (program, context) => {
  program
    .command('completion [shell]')
    .description('print a completion script; in bash: source <(unicore completion)')
    .action((shell: string | undefined) => {
      context.output.write(completionScript(program, shell === 'zsh'));
    });
};

function completionScript(program: Command, zsh: boolean): string {
  const commands = program.commands.map((command) => command.name());
  const cases = program.commands.map((command) => {
    const options = command.options.flatMap(({ short, long }) => [short, long]);
    const subcommands = command.commands.map((each) => each.name());
    const words = [...subcommands, ...options].filter((word) => word !== undefined).join(' ');
    return `    ${command.name()}) words='${words} --json --help' ;;`;
  });
  return [
    ...(zsh ? ['autoload -U +X bashcompinit && bashcompinit'] : []),
    '_unicore() {',
    '  local words',
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    `    *) words='${commands.join(' ')} --json --help' ;;`,
    '  esac',
    `  [ "$COMP_CWORD" -eq 1 ] && words='${commands.join(' ')} --json --help'`,
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -F _unicore unicore',
    '',
  ].join('\n');
}
