// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { isImageDigest, type ImageDigest } from '../image.js';
import type { Build, BuildPhase, BuildTargetResult, SourceDigest } from '../ports.js';
import { isTarget, type Target } from '../target.js';

const phase = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']);

const buildRecord = z.object({
  id: z.uuid(),
  app: z.string(),
  source: z
    .custom<SourceDigest>((value) => typeof value === 'string' && isImageDigest(value))
    .nullable()
    .default(null),
  phase,
  targets: z.array(
    z.object({
      target: z.custom<Target>((value) => typeof value === 'string' && isTarget(value)),
      phase,
      image: z
        .custom<ImageDigest>((value) => typeof value === 'string' && isImageDigest(value))
        .nullable(),
      cached: z.boolean(),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
      progress: z.unknown().transform(() => null),
      warnings: z.array(
        z.object({ symbol: z.string(), needs: z.string().nullable(), message: z.string() }),
      ),
    }),
  ),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
});

/** @throws an error that says which field is wrong */
export function parseBuild(text: string): Build {
  return buildRecord.parse(JSON.parse(text));
}

export function formatBuild(build: Build): string {
  return `${JSON.stringify(build)}\n`;
}

/** Whether a phase is one that never changes again. */
export function hasEnded(phase: BuildPhase): boolean {
  return phase === 'succeeded' || phase === 'failed' || phase === 'cancelled';
}

/** What a build is as a whole, by what its targets are. */
export function phaseOf(targets: readonly BuildTargetResult[]): BuildPhase {
  const phases = new Set(targets.map((target) => target.phase));
  if (![...phases].every(hasEnded))
    return phases.size === 1 && phases.has('queued') ? 'queued' : 'running';
  if (phases.has('cancelled')) return 'cancelled';
  return phases.has('failed') ? 'failed' : 'succeeded';
}

/** A build that was not finished when the daemon stopped, as it is from then on. */
export function interrupted(build: Build, now: string): Build {
  const error = {
    code: 'SHUTTING_DOWN',
    message: 'The daemon stopped before the build had ended. Submit it again.',
  };
  return {
    ...build,
    phase: 'failed',
    targets: build.targets.map((target) =>
      hasEnded(target.phase) ? target : { ...target, phase: 'failed', error },
    ),
    finishedAt: now,
  };
}
