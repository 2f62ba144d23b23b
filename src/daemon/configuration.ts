// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { messageOf, UnicoreError, type FieldError } from '../errors/index.js';
import { configurationSchema, type Configuration } from './configuration-schema.js';

type Settings = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_FILE = '/etc/unicore/unicore.toml';
const MAXIMUM_FILE_BYTES = 1024 * 1024;

/** Environment variables and the settings that they override. Lists are comma-separated. */
const VARIABLES: readonly {
  readonly name: string;
  readonly path: readonly [string] | readonly [string, string];
  readonly type: 'text' | 'boolean' | 'list' | 'number';
}[] = [
  { name: 'UNICORE_STATE_DIR', path: ['stateDir'], type: 'text' },
  { name: 'UNICORE_POOLS_DIR', path: ['poolsDir'], type: 'text' },
  { name: 'UNICORE_LISTEN', path: ['listen'], type: 'text' },
  { name: 'UNICORE_LIBVIRT_URI', path: ['libvirtUri'], type: 'text' },
  { name: 'UNICORE_LOG_LEVEL', path: ['logLevel'], type: 'text' },
  { name: 'UNICORE_ALLOWED_HOSTS', path: ['api', 'allowedHosts'], type: 'list' },
  { name: 'UNICORE_ALLOWED_ORIGINS', path: ['api', 'allowedOrigins'], type: 'list' },
  { name: 'UNICORE_ALLOW_INSECURE_REMOTE', path: ['api', 'allowInsecureRemote'], type: 'boolean' },
  { name: 'UNICORE_BUILD_CONCURRENCY', path: ['build', 'concurrency'], type: 'number' },
  { name: 'UNICORE_RETENTION_IMAGE_BYTES', path: ['retention', 'imageBytes'], type: 'number' },
  { name: 'UNICORE_RETENTION_IMAGE_DAYS', path: ['retention', 'imageDays'], type: 'number' },
  { name: 'UNICORE_RETENTION_DEBUG_DAYS', path: ['retention', 'debugDays'], type: 'number' },
  {
    name: 'UNICORE_RETENTION_BUILD_LOG_BYTES',
    path: ['retention', 'buildLogBytes'],
    type: 'number',
  },
  { name: 'UNICORE_RETENTION_BUILD_DAYS', path: ['retention', 'buildDays'], type: 'number' },
  { name: 'UNICORE_RETENTION_OBJECT_BYTES', path: ['retention', 'objectBytes'], type: 'number' },
  { name: 'UNICORE_RETENTION_OBJECT_DAYS', path: ['retention', 'objectDays'], type: 'number' },
  {
    name: 'UNICORE_RETENTION_INTERVAL_MINUTES',
    path: ['retention', 'intervalMinutes'],
    type: 'number',
  },
];

export interface ConfigurationSources {
  readonly environment: Environment;
  /** `--config`; overrides UNICORE_CONFIG. */
  readonly file?: string | undefined;
  /** Where the pools are that came with the program. */
  readonly poolsDir: string;
  /** Of the process; root keeps its state in /var/lib. */
  readonly uid: number;
}

/**
 * The daemon's configuration: defaults, overridden by the file, overridden by the environment.
 * @throws INVALID_CONFIGURATION_FILE that names everything that is wrong, each with where it was set
 */
export async function loadConfiguration(sources: ConfigurationSources): Promise<Configuration> {
  const { environment } = sources;
  const named = sources.file ?? environment.UNICORE_CONFIG;
  const file = resolve(named ?? DEFAULT_FILE);
  const fromFile = await readSettings(file, named !== undefined);
  const merged = new Map<string, unknown>([
    ['stateDir', defaultStateDir(environment, sources.uid)],
    ['poolsDir', sources.poolsDir],
    ['listen', '127.0.0.1:7070'],
    ['logLevel', 'info'],
    ...Object.entries(fromFile),
  ]);
  const setBy = new Map<string, string>();
  for (const { name, path, type } of VARIABLES) {
    const text = environment[name];
    if (text === undefined || text === '') continue;
    const [first, second] = path;
    const value = valueOf(text, type);
    merged.set(
      first,
      second === undefined ? value : { ...(merged.get(first) as object), [second]: value },
    );
    setBy.set(path.join('.'), name);
  }
  const result = configurationSchema.safeParse(Object.fromEntries(merged));
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue): FieldError => {
    const path = issue.path.join('.');
    const message =
      issue.code === 'unrecognized_keys' ? `unknown: ${issue.keys.join(', ')}` : issue.message;
    return { path: path === '' ? file : `${setBy.get(path) ?? file}: ${path}`, message };
  });
  throw invalid(errors);
}

async function readSettings(file: string, required: boolean): Promise<Settings> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw invalid([{ path: file, message: messageOf(error) }]);
  }
  if (text.length > MAXIMUM_FILE_BYTES) throw invalid([{ path: file, message: 'is over 1 MiB' }]);
  try {
    const yaml = ['.yaml', '.yml'].includes(extname(file));
    const parsed: unknown = yaml ? parseYaml(text) : parseToml(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return {};
    return parsed as Settings;
  } catch (error) {
    throw invalid([{ path: file, message: messageOf(error) }]);
  }
}

function invalid(errors: readonly FieldError[]): UnicoreError {
  const lines = errors.map(({ path, message }) => `${path}: ${message}`);
  return new UnicoreError('INVALID_CONFIGURATION_FILE', lines.join('\n'), { errors });
}

function valueOf(text: string, type: 'text' | 'boolean' | 'list' | 'number'): unknown {
  switch (type) {
    case 'text':
      return text;
    case 'list':
      return text.split(',').map((each) => each.trim());
    case 'number':
      return /^\d+$/.test(text) ? Number(text) : text;
    case 'boolean':
      if (['1', 'true', 'yes'].includes(text)) return true;
      return ['0', 'false', 'no'].includes(text) ? false : text;
  }
}

function defaultStateDir(environment: Environment, uid: number): string {
  if (uid === 0) return '/var/lib/unicore';
  const base = environment.XDG_STATE_HOME ?? join(homedir(), '.local', 'state');
  return join(base, 'unicore');
}
