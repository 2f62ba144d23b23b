// SPDX-License-Identifier: BSD-3-Clause
import { versionSchema } from '../../wire/index.js';
import type { RegisterCommands } from '../context.js';
import { productVersion } from '../../product/version.js';

/** `version`: of this program and, with --daemon, of the daemon that answers. */
export const registerVersion: RegisterCommands = (program, context) => {
  program
    .command('version')
    .description('show the version')
    .option('--daemon', "the daemon's too; fails if it does not answer")
    .action(async (options: { daemon?: boolean }) => {
      const client = productVersion();
      const daemon =
        options.daemon === true
          ? (await context.client.call(versionSchema, 'GET', '/v1/version')).version
          : undefined;
      context.output.result({ client, daemon }, () =>
        daemon === undefined ? `unicore ${client}` : `unicore ${client}, unicored ${daemon}`,
      );
    });
};
