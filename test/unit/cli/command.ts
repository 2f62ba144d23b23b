// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runCommandLine } from '../../../src/cli/command-line.js';
import { startFixture, TOKENS, type Fixture } from '../api/fixture.js';

export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command line against the API with fakes behind it, over its Unix socket. */
export interface CommandFixture {
  readonly api: Fixture;
  /** The state directory, where the command finds socket and token. */
  readonly directory: string;
  readonly unicore: (
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ) => Promise<CommandResult>;
  close(): Promise<void>;
}

export async function startCommandFixture(): Promise<CommandFixture> {
  const api = await startFixture();
  const directory = await mkdtemp(join(tmpdir(), 'unicore-cli-'));
  await writeFile(join(directory, 'admin.token'), `${TOKENS.admin}\n`, { mode: 0o600 });
  await api.server.listenOnSocket(join(directory, 'unicored.sock'));
  return {
    api,
    directory,
    unicore: async (args, environment = {}) => {
      const out = new PassThrough();
      const err = new PassThrough();
      const variables = { UNICORE_STATE_DIR: directory, ...environment };
      const code = await runCommandLine(args, variables, { out, err });
      const text = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? '';
      return { code, out: text(out), err: text(err) };
    },
    close: async () => {
      await api.server.close(1000);
      await rm(directory, { recursive: true });
    },
  };
}
