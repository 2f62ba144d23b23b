// SPDX-License-Identifier: BSD-3-Clause
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createLogger } from '../api/logging/logger.js';
import { storageError } from '../build/durable-file.js';
import { messageOf, UnicoreError } from '../errors/index.js';
import { productVersion } from '../product/version.js';
import { loadConfiguration } from './configuration.js';
import { startDaemon, type Compose } from './daemon.js';

const HELP = `unicored [--config <file>]

Builds unikernels and runs them; answers on 127.0.0.1:7070 and on unicored.sock in its state directory.
  --config <file>   TOML, or YAML by its name; default /etc/unicore/unicore.toml, if it is there
  --version, --help
Environment, before the file: UNICORE_CONFIG, UNICORE_STATE_DIR, UNICORE_LISTEN, UNICORE_POOLS_DIR,
  UNICORE_LIBVIRT_URI, UNICORE_LOG_LEVEL, UNICORE_ALLOWED_HOSTS, UNICORE_ALLOWED_ORIGINS, UNICORE_ALLOW_INSECURE_REMOTE,
  UNICORE_BUILD_CONCURRENCY, UNICORE_RETENTION_{IMAGE,BUILD_LOG,OBJECT}_BYTES, UNICORE_RETENTION_{IMAGE,DEBUG,BUILD,OBJECT}_DAYS,
  UNICORE_RETENTION_INTERVAL_MINUTES
SIGTERM and SIGINT stop it; instances go on running.
`;

const STOP_DEADLINE_MILLISECONDS = 20_000;

/**
 * Runs the daemon until a signal stops it. Returns the exit code: 0 stopped, 1 could not start or stop, 2 wrong usage.
 * A second signal, or a stop that takes longer than 20 s, ends the process at once; the store is made for that.
 */
export async function runDaemon(args: readonly string[], compose: Compose): Promise<number> {
  let options: { config?: string | undefined; version?: boolean; help?: boolean };
  try {
    options = parseArgs({
      args: [...args],
      options: {
        config: { type: 'string' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`unicored: ${messageOf(error)}\n`);
    return 2;
  }
  if (options.help === true || options.version === true) {
    process.stdout.write(options.help === true ? HELP : `unicored ${productVersion()}\n`);
    return 0;
  }
  const stop = stopSignal();
  try {
    const configuration = await loadConfiguration({
      environment: process.env,
      file: options.config,
      poolsDir: fileURLToPath(new URL('../../pools', import.meta.url)),
      uid: process.getuid?.() ?? -1,
    });
    const logger = createLogger({ level: configuration.logLevel });
    const daemon = await startDaemon(configuration, logger, compose);
    logger.info({ url: daemon.url, socket: daemon.socketPath }, 'ready');
    logger.flush();
    const signal = await stop;
    logger.info({ signal }, 'stopping; instances go on running');
    await daemon.stop();
    logger.info('stopped');
    return 0;
  } catch (caught) {
    const error = storageError(caught);
    const text = error instanceof UnicoreError ? error.message : messageOf(error);
    const code = error instanceof UnicoreError ? ` [${error.code}]` : '';
    process.stderr.write(`unicored: ${text}${code}\n`);
    return 1;
  }
}

/** Resolves with the first SIGTERM or SIGINT. From then on there is a deadline, and a second signal does not wait for it. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(1);
      stopping = true;
      setTimeout(() => process.exit(1), STOP_DEADLINE_MILLISECONDS).unref();
      resolve(signal);
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  });
}
