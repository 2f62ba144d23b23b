// SPDX-License-Identifier: BSD-3-Clause
import { applicationDetailSchema, hostPageSchema, instanceSchema } from '../../wire/index.js';
import type { CommandContext, RegisterCommands } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { printable } from '../output.js';

const APP = 'helloworld';

/** `tour`: builds and runs helloworld on each target that a host here can run, and shows what it printed. */
export const registerTour: RegisterCommands = (program, context) => {
  program
    .command('tour')
    .description('build and run helloworld on each platform that this machine can run')
    .action(async () => {
      const app = await context.client.call(applicationDetailSchema, 'GET', `/v1/apps/${APP}`);
      const { items: hosts } = await context.client.call(hostPageSchema, 'GET', '/v1/hosts');
      const targets = app.targets.filter((target) => {
        const [platform = '', architecture = ''] = target.split('-');
        return hosts.some(
          ({ state, capabilities }) =>
            state === 'up' &&
            capabilities.platforms.includes(platform) &&
            capabilities.architectures.includes(architecture),
        );
      });
      if (targets.length === 0) throw new CommandError('No host is up that can run helloworld.');
      for (const target of targets) await visit(context, target);
      for (const { id, state, reason } of hosts) {
        if (state === 'down')
          context.output.note(`host ${id} is down: ${reason ?? 'no reason told'}`);
      }
      context.output.note(
        `The API answers at ${context.client.publicUrl}, its description is at /docs`,
      );
    });
};

async function visit(context: CommandContext, target: string): Promise<void> {
  const instance = await context.client.call(instanceSchema, 'POST', '/v1/instances', {
    body: { app: APP, target },
    query: { wait: 300 },
  });
  const { text } = await context.client.raw('GET', `/v1/instances/${instance.id}/console`);
  await context.client.raw('DELETE', `/v1/instances/${instance.id}`);
  const boot =
    instance.bootNanoseconds === null
      ? 'boot time not told'
      : `main after ${(instance.bootNanoseconds / 1e6).toFixed(2)} ms`;
  const { accepted, ready } = instance.timings;
  const spawn =
    accepted === undefined || ready === undefined
      ? ''
      : `, ${Date.parse(ready) - Date.parse(accepted)} ms from request to main`;
  context.output.result({ target, instance, console: text }, () =>
    [
      `${target} on ${instance.host}: ${instance.phase}, ${boot}${spawn}`,
      ...text
        .split('\n')
        .filter(Boolean)
        .map((line) => `  | ${printable(line)}`),
    ].join('\n'),
  );
  if (instance.phase === 'failed' || instance.phase === 'lost') context.exitCode = EXIT.failed;
}
