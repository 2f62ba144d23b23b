// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { ROLES } from '../api/auth/roles.js';
import { timestampSchema, tokenQuotaSchema, tokenRateSchema } from '../wire/index.js';
import { reachesDom0, xenEndpoint } from './xen-endpoint.js';

const MEBIBYTE = 1024 ** 2;

const hostIdSchema = z
  .string()
  .regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and -');

const sshSchema = z.strictObject({
  destination: z
    .string()
    .regex(/^[^-\s][^\s]{0,254}$/, 'must be user@host, or a name of the ssh configuration'),
  options: z.array(z.string().max(4096)).max(32).default([]),
});

/** What all hosts have. */
const hostShape = {
  id: hostIdSchema,
  /** What Unicore may take of it: all but a floor for the host itself, and as many instances as fit, unless told otherwise. */
  capacity: z
    .strictObject({
      memoryBytes: z.int().min(MEBIBYTE).max(Number.MAX_SAFE_INTEGER).optional(),
      instances: z.int().min(1).max(1_000_000).optional(),
    })
    .optional(),
};

/** A host, by its driver. */
export const hostSchema = z.discriminatedUnion('driver', [
  z.strictObject({ ...hostShape, driver: z.literal('linuxu') }),
  z.strictObject({
    ...hostShape,
    driver: z.literal('libvirt'),
    uri: z.string().min(1).max(1024),
    /** The way to a Xen host's dom0, if not the URI's own ssh. */
    ssh: sshSchema.optional(),
  }),
  z.strictObject({
    ...hostShape,
    driver: z.literal('xl'),
    /** Where dom0 is, if not here. */
    ssh: sshSchema.optional(),
  }),
]);

/** A token, by its hash, as it stands in the configuration and in the state directory. */
export const tokenSchema = z.strictObject({
  name: z.string().min(1).max(64),
  role: z.enum(ROLES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be the token's SHA-256, 64 hexadecimal digits"),
  quota: tokenQuotaSchema.optional(),
  rate: tokenRateSchema.optional(),
  expiresAt: timestampSchema.optional(),
});

const absolutePath = z.string().startsWith('/', 'must be an absolute path').max(4096);
const registryHost = z
  .string()
  .max(260)
  .regex(/^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/, 'must be host or host:port');

const registrySchema = z
  .strictObject({
    host: registryHost,
    /** Plain HTTP, for a registry on this machine. */
    insecure: z.boolean().default(false),
    /** Where it may send us besides itself, for a token or a blob. */
    trustedHosts: z.array(registryHost).max(32).default([]),
    username: z
      .string()
      .min(1)
      .max(256)
      .regex(/^[^:]*$/, 'must have no colon')
      .optional(),
    passwordFile: absolutePath.optional(),
    /** PEM: certificate authorities that it may have its certificate from, besides the usual ones. */
    caFile: absolutePath.optional(),
  })
  .refine(({ host, insecure }) => !insecure || isLoopback(host.replace(/:\d+$/, '')), {
    message: 'insecure is for registries on this machine only (localhost, 127.0.0.1, [::1])',
    path: ['insecure'],
  });

/** Registries that images may be pulled from and pushed to, and signatures. */
const exchangeSchema = z
  .strictObject({
    registries: z
      .array(registrySchema)
      .max(64)
      .refine((all) => new Set(all.map(({ host }) => host)).size === all.length, {
        message: 'each registry can be there once',
      })
      .default([]),
    signingKeyFile: absolutePath.optional(),
    verification: z.enum(['off', 'require']).default('off'),
    publicKeyFiles: z.array(absolutePath).max(64).default([]),
  })
  .refine((exchange) => exchange.verification === 'off' || exchange.publicKeyFiles.length > 0, {
    message: 'with verification = "require", at least one key is needed',
    path: ['publicKeyFiles'],
  });

const LISTEN = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/;

const listenSchema = z
  .string()
  .regex(LISTEN, 'must be host:port, as in 127.0.0.1:7070 or [::1]:7070')
  .transform((text) => {
    const [, six, host, port] = LISTEN.exec(text) ?? [];
    return { host: six ?? host ?? '', port: Number(port) };
  })
  .refine(({ port }) => port <= 65_535, { message: 'a port is at most 65535' });

const gibibytes = (value: number): number => value * 1024 ** 3;
const bytesSchema = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const daysSchema = z.int().min(0).max(36_500);

/** What is kept, and for how long nobody may have used it. What is in use stays. */
const retentionSchema = z
  .strictObject({
    imageBytes: bytesSchema.default(gibibytes(10)),
    imageDays: daysSchema.default(90),
    debugDays: daysSchema.default(30),
    buildLogBytes: bytesSchema.default(gibibytes(0.5)),
    buildDays: daysSchema.default(30),
    objectBytes: bytesSchema.default(gibibytes(2)),
    objectDays: daysSchema.default(30),
    intervalMinutes: z.int().min(1).max(10_080).default(60),
  })
  .prefault({});

/** The daemon's whole configuration, as it stands in its file. */
export const configurationSchema = z
  .strictObject({
    stateDir: z.string().startsWith('/', 'must be an absolute path'),
    poolsDir: z.string().startsWith('/', 'must be an absolute path'),
    listen: listenSchema,
    logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    api: z
      .strictObject({
        allowedHosts: z.array(z.string().min(1)).default([]),
        allowedOrigins: z.array(z.url()).default([]),
        allowInsecureRemote: z.boolean().default(false),
        tls: z
          .strictObject({ certificate: z.string().min(1), key: z.string().min(1) })
          .nullable()
          .default(null),
        tokens: z
          .array(tokenSchema)
          .max(1000)
          .refine((tokens) => new Set(tokens.map(({ name }) => name)).size === tokens.length, {
            message: 'each token needs a name of its own',
          })
          .default([]),
      })
      .prefault({}),
    build: z
      .strictObject({
        concurrency: z.int().min(1).max(256).default(2),
        timeoutSeconds: z.int().min(1).max(86_400).default(600),
      })
      .prefault({}),
    retention: retentionSchema,
    exchange: exchangeSchema.prefault({}),
    /** The libvirt host that there is where `hosts` names none. */
    libvirtUri: z.string().min(1).max(1024).optional(),
    hosts: z
      .array(hostSchema)
      .max(256)
      .refine((hosts) => new Set(hosts.map((host) => host.id)).size === hosts.length, {
        message: 'each host needs an id of its own',
      })
      .superRefine(validXenHosts)
      .optional(),
  })
  .superRefine((configuration, context) => {
    const { listen, api } = configuration;
    if (isLoopback(listen.host) || api.tls !== null || api.allowInsecureRemote) return;
    context.addIssue({
      code: 'custom',
      path: ['listen'],
      message: `${listen.host} can be reached from other machines: set api.tls, or api.allowInsecureRemote = true`,
    });
  });

export type Configuration = z.infer<typeof configurationSchema>;
export type HostConfiguration = z.infer<typeof hostSchema>;

/** Two toolstacks on one Xen host do not see each other's half-done work. And each needs its dom0, whatever libvirt is reached by. */
function validXenHosts(hosts: readonly HostConfiguration[], context: z.core.$RefinementCtx): void {
  const writers = new Map<string, HostConfiguration>();
  for (const [index, host] of hosts.entries()) {
    const endpoint = xenEndpoint(host);
    if (endpoint === null) continue;
    if (!reachesDom0(host)) {
      context.addIssue({
        code: 'custom',
        path: [index],
        message: `'${host.id}' needs a way to dom0, where images, consoles and readiness are: add [hosts.ssh] with a destination, or use xen+ssh://`,
      });
    }
    const other = writers.get(endpoint);
    writers.set(endpoint, host);
    if (other === undefined) continue;
    context.addIssue({
      code: 'custom',
      path: [index],
      message: `'${other.id}' (${other.driver}) and '${host.id}' (${host.driver}) are the same Xen host: configure it once, for xl or for libvirt`,
    });
  }
}

function isLoopback(host: string): boolean {
  return ['localhost', '::1', '[::1]'].includes(host) || /^127(?:\.\d{1,3}){3}$/.test(host);
}
