// SPDX-License-Identifier: BSD-3-Clause
import { eventSchema, RESOURCE_KINDS } from '../../wire/index.js';
import { lenient } from '../client/lenient.js';
import { openStream } from '../client/stream.js';
import { collect, type RegisterCommands } from '../context.js';
import { CommandError } from '../exit-codes.js';
import { printable } from '../output.js';

interface EventOptions {
  readonly kind?: readonly string[];
  readonly selector?: string;
  readonly since?: string;
}

/** `events`: follows what happens, one line an event. */
export const registerEvents: RegisterCommands = (program, context) => {
  program
    .command('events')
    .description('follow what happens')
    .option('-f, --follow', 'go on until interrupted (it always does)')
    .option(
      '-k, --kind <kind>',
      'instance, host, build, image, operation; may be given again',
      collect,
    )
    .option('-s, --selector <selector>', 'labels of instances')
    .option('--since <seq>', 'begin after this event')
    .action(async (options: EventOptions) => {
      const { socket, messages } = await openStream(context.client, '/v1/events');
      const request = {
        id: 1,
        op: 'subscribe',
        kinds: options.kind ?? RESOURCE_KINDS,
        selector: options.selector,
        since: options.since === undefined ? undefined : Number(options.since),
      };
      socket.send(JSON.stringify(request));
      for await (const message of messages) {
        const parsed = JSON.parse(message.toString()) as {
          ok?: boolean;
          error?: { detail?: string };
        };
        if (parsed.ok === false) throw new CommandError(parsed.error?.detail ?? 'refused');
        const event = lenient(eventSchema).safeParse(parsed);
        if (!event.success) continue; // the acknowledgement, and the snapshot
        const { seq, time, type, resource, data } = event.data;
        context.output.result(event.data, () =>
          printable(`${seq} ${time} ${type} ${resource.id} ${JSON.stringify(data)}`),
        );
      }
    });
};
