// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { editConfiguration, type Editor } from '../../build/configurator/edit-configuration.js';
import { isTarget } from '../../build/target.js';
import { isUnicoreError, messageOf } from '../../errors/index.js';
import type { RegisterCommands } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { isFolder } from '../application-argument.js';

interface ConfigureOptions {
  readonly target?: string;
  readonly config?: string;
  readonly pools?: string;
}

/** `configure`: a menu on the Kconfig files of a checkout, on this machine and without the daemon. */
export const registerConfigure: RegisterCommands = (program, context) => {
  program
    .command('configure <app-or-folder>')
    .alias('menuconfig')
    .description("choose an application's libraries and options in a menu, without the daemon")
    .option('-t, --target <target>', "one target's menu; that of all targets if not")
    .option('-c, --config <file>', 'the choices, for unicore build --config; default <app>.config')
    .option('--pools <folder>', 'the library pools; default $UNICORE_POOLS_DIR, or those beside')
    .action(async (name: string, { target, config, pools }: ConfigureOptions) => {
      if (target !== undefined && !isTarget(target)) {
        throw new CommandError(`${target} is no target; write it as in kvm-x86_64`, EXIT.usage);
      }
      const folder = isFolder(name) ? resolve(name) : null;
      if (folder !== null && !existsSync(join(folder, 'Kconfig'))) {
        throw new CommandError(`${name} is no application: it has no Kconfig`, EXIT.usage);
      }
      const file = config ?? `${basename(folder ?? name)}.config`;
      const edit = {
        poolsDirectory: poolsDirectory(pools),
        application: folder === null ? { app: name } : { directory: folder },
        target: target ?? null,
        file,
      };
      const { written, messages } = await editConfiguration(edit, menu).catch(asCommandError);
      for (const message of messages) context.output.note(message);
      context.output.result({ file, written }, () =>
        written ? `${file} written; unicore build ${name} --config ${file}` : 'nothing changed',
      );
    });
};

/** Debian's `kconfig-mconf` on this terminal. */
const menu: Editor = async (root, environment) => {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new CommandError('A menu needs a terminal. Without one: unicore build --set', EXIT.usage);
  }
  const ignore = (): void => undefined;
  // Ctrl-C is for the menu.
  process.on('SIGINT', ignore);
  try {
    const child = spawn('kconfig-mconf', [root], {
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    });
    await once(child, 'close');
  } finally {
    process.off('SIGINT', ignore);
  }
};

function poolsDirectory(given: string | undefined): string {
  const beside = fileURLToPath(new URL('../../../pools', import.meta.url));
  const directory = resolve(given ?? process.env.UNICORE_POOLS_DIR ?? beside);
  if (existsSync(join(directory, 'Kconfig'))) return directory;
  throw new CommandError(`${directory} has no library pools; name them with --pools`, EXIT.usage);
}

function asCommandError(error: unknown): never {
  if (isUnicoreError(error)) throw new CommandError(messageOf(error));
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    throw new CommandError(
      'kconfig-mconf is not installed. On Debian: apt-get install kconfig-frontends',
    );
  }
  throw error;
}
