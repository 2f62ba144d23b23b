// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { choicesIn } from '../build/pools/index.js';
import type { Target } from '../build/target.js';
import { messageOf } from '../errors/index.js';
import { ApiClient } from './client/api-client.js';
import { findEndpoint } from './client/endpoint.js';
import {
  instancePageSchema,
  instanceSchema,
  uuidSchema,
  type InstanceDocument,
} from '../wire/index.js';
import { CommandError, EXIT } from './exit-codes.js';
import { Output } from './output.js';

/** Where a command writes its results, and its remarks. */
export interface Streams {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** What a command works with. The daemon is looked for when it is first needed. */
export class CommandContext {
  #client: ApiClient | null = null;
  exitCode: number = EXIT.ok;

  constructor(
    private readonly program: Command,
    private readonly environment: Readonly<Record<string, string | undefined>>,
    private readonly streams: Streams,
  ) {}

  get client(): ApiClient {
    this.#client ??= new ApiClient(findEndpoint(this.environment));
    return this.#client;
  }

  get output(): Output {
    return new Output(
      this.streams.out,
      this.streams.err,
      this.program.opts<{ json?: boolean }>().json === true,
    );
  }

  /** The instances that names and ids stand for. @throws CommandError if one is unknown */
  async instance(nameOrId: string): Promise<InstanceDocument> {
    if (uuidSchema.safeParse(nameOrId).success) {
      return this.client.call(instanceSchema, 'GET', `/v1/instances/${nameOrId}`);
    }
    for await (const instance of this.instances({})) {
      if (instance.name === nameOrId || instance.id.startsWith(nameOrId)) return instance;
    }
    throw new CommandError(`No instance is called ${nameOrId}; see unicore ps.`, EXIT.notFound);
  }

  /** All instances of a query, page after page. */
  async *instances(
    query: Readonly<Record<string, string | undefined>>,
  ): AsyncGenerator<InstanceDocument> {
    let cursor: string | null = null;
    do {
      const page: { items: InstanceDocument[]; next: string | null } = await this.client.call(
        instancePageSchema,
        'GET',
        '/v1/instances',
        { query: { ...query, limit: 500, cursor: cursor ?? undefined } },
      );
      yield* page.items;
      cursor = page.next;
    } while (cursor !== null);
  }

  async allInstances(
    query: Readonly<Record<string, string | undefined>>,
  ): Promise<readonly InstanceDocument[]> {
    const all: InstanceDocument[] = [];
    for await (const instance of this.instances(query)) all.push(instance);
    return all;
  }
}

/** Adds one or more commands to the program. */
export type RegisterCommands = (program: Command, context: CommandContext) => void;

/** Collects an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Parses `key=value` options into a record. @throws CommandError */
export function pairs(
  texts: readonly string[] | undefined,
  option: string,
): Record<string, string> {
  return Object.fromEntries(
    (texts ?? []).map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new CommandError(`${option} ${text}: write key=value`, EXIT.usage);
    }),
  );
}

/** What `--config FILE` and `--set` choose together; what is set counts more. @throws CommandError */
export function chosenSymbols(options: {
  readonly config?: string | undefined;
  readonly set?: readonly string[] | undefined;
}): { readonly symbols: Record<string, string>; readonly targets: readonly Target[] } {
  const { symbols, targets } = choicesIn(
    options.config === undefined ? '' : readText(options.config),
  );
  return { symbols: { ...symbols, ...pairs(options.set, '--set') }, targets };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${messageOf(error)}`, EXIT.usage);
  }
}

/** Parses a size such as `4096`, `512K`, `16M`, `1G` into bytes. @throws CommandError */
export function parseSize(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,12})([KMG]?)(?:i?B)?$/i.exec(text) ?? [];
  if (digits === undefined) {
    throw new CommandError(`${text} is no size; write bytes, or 512K, 16M, 1G`, EXIT.usage);
  }
  return Number(digits) * 1024 ** ['', 'K', 'M', 'G'].indexOf(unit.toUpperCase());
}
