// SPDX-License-Identifier: BSD-3-Clause
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { create } from 'tar';
import { applicationDetailSchema, sourceSchema, type SourceDocument } from '../wire/index.js';
import type { CommandContext } from './context.js';
import { CommandError, EXIT } from './exit-codes.js';

/** As much as the daemon takes. */
const MAXIMUM_BYTES = 16 * 1024 * 1024;

/** Whether an argument names a folder of this machine, and not an application of the pools: it has a slash or is a dot. */
export function isFolder(name: string): boolean {
  return name === '.' || name === '..' || name.includes('/');
}

/** An application as an argument names it. */
export interface NamedApplication {
  /** Its own name. */
  readonly name: string;
  /** How a request names it. */
  readonly request: { readonly app: string } | { readonly source: string };
}

/** Finds what an argument names: an application of the pools; or one in a folder, which is uploaded. */
export async function applicationNamed(
  context: CommandContext,
  argument: string,
): Promise<NamedApplication> {
  if (!isFolder(argument)) return { name: argument, request: { app: argument } };
  const { app, digest } = await uploadFolder(context, argument);
  return { name: app, request: { source: digest } };
}

/** The targets that an application of the pools is made for. @throws for a folder, of which the daemon knows none */
export async function targetsOf(
  { client }: CommandContext,
  name: string,
): Promise<readonly string[]> {
  if (isFolder(name)) throw new CommandError('Name a target with -t', EXIT.usage);
  return (await client.call(applicationDetailSchema, 'GET', `/v1/apps/${name}`)).targets;
}

/** Packs an application's folder, without what is hidden or was built, and uploads it. */
async function uploadFolder(context: CommandContext, folder: string): Promise<SourceDocument> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new CommandError(`${folder} is not a folder`, EXIT.usage);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const archive = create(
    // Links are packed as what they point to: the daemon takes files and folders only.
    { gzip: true, cwd: folder, portable: true, follow: true, filter: (path) => isSource(path) },
    ['.'],
  );
  for await (const chunk of archive as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAXIMUM_BYTES) {
      throw new CommandError(`${folder} is larger than ${MAXIMUM_BYTES} bytes when it is packed`);
    }
    chunks.push(chunk);
  }
  return context.client.call(sourceSchema, 'POST', '/v1/sources', {
    upload: { stream: Readable.from(chunks), bytes, type: 'application/gzip' },
  });
}

function isSource(path: string): boolean {
  const name = basename(path);
  return path === '.' || path === './' || (!name.startsWith('.') && path !== './build');
}
