// SPDX-License-Identifier: BSD-3-Clause
import { applicationPageSchema, hostPageSchema, libraryPageSchema } from '../../wire/index.js';
import type { RegisterCommands } from '../context.js';
import { table } from '../output.js';

/** `apps`, `libraries`, `hosts`: what there is. */
export const registerCatalogue: RegisterCommands = (program, context) => {
  program
    .command('apps')
    .description('list the applications of the pools')
    .action(async () => {
      const { items } = await context.client.call(applicationPageSchema, 'GET', '/v1/apps');
      context.output.result(items, () =>
        table(
          ['NAME', 'TARGETS', 'SUMMARY'],
          items.map((app) => [app.name, app.targets.join(' '), app.summary]),
        ),
      );
    });

  program
    .command('libraries')
    .description('list the micro-libraries of the pools')
    .action(async () => {
      const { items } = await context.client.call(libraryPageSchema, 'GET', '/v1/libraries');
      context.output.result(items, () =>
        table(
          ['POOL', 'NAME', 'SYMBOL', 'SUMMARY'],
          items.map((library) => [library.pool, library.name, library.symbol, library.summary]),
        ),
      );
    });

  program
    .command('hosts')
    .description('list the hypervisor endpoints')
    .action(async () => {
      const { items } = await context.client.call(hostPageSchema, 'GET', '/v1/hosts');
      context.output.result(items, () =>
        table(
          ['ID', 'DRIVER', 'STATE', 'INSTANCES', 'HYPERVISOR', 'REASON'],
          items.map((host) => [
            host.id,
            host.driver,
            host.state,
            String(host.instances),
            host.facts === null ? '-' : `${host.facts.hypervisor} (${host.facts.acceleration})`,
            host.reason ?? '',
          ]),
        ),
      );
    });
};
