// SPDX-License-Identifier: BSD-3-Clause
import { Controller, Get, HttpCode, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { healthSchema, readinessSchema, versionSchema } from '../../wire/index.js';
import { UnicoreError } from '../../errors/index.js';
import type { Metrics } from '../metrics/metrics.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { METRICS, READINESS, STOPPING, VERSION, type ReadinessCheck } from '../services.js';

@ApiTags('daemon')
@ApiProblems()
@Controller()
export class SystemController {
  constructor(
    @Inject(READINESS) private readonly checks: readonly ReadinessCheck[],
    @Inject(METRICS) private readonly meters: Metrics,
    @Inject(VERSION) private readonly versionText: string,
    @Inject(STOPPING) private readonly stopping: AbortSignal,
  ) {}

  @Get('v1/version')
  @ApiOperation({ summary: 'What answers here' })
  @ApiResponse({ status: 200, description: 'The version', standardSchema: versionSchema })
  version(): { name: 'unicored'; version: string; api: 'v1' } {
    return { name: 'unicored', version: this.versionText, api: 'v1' };
  }

  @Get('healthz')
  @ApiOperation({ summary: 'Liveness: the process answers. Needs no token' })
  @ApiResponse({ status: 200, description: 'Alive', standardSchema: healthSchema })
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @HttpCode(200)
  @ApiOperation({ summary: 'Readiness: the daemon takes work' })
  @ApiResponse({ status: 200, description: 'Ready', standardSchema: readinessSchema })
  @ApiResponse({ status: 503, description: 'Not ready', standardSchema: readinessSchema })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const checks = Object.fromEntries(
      await Promise.all(this.checks.map(async (each) => [each.name, await each.check()] as const)),
    );
    const ready = !this.stopping.aborted && Object.values(checks).every((check) => check.ok);
    if (!ready) void reply.code(503);
    return { status: ready ? 'ready' : 'not-ready', checks };
  }

  @Get('metrics')
  @ApiOperation({ summary: 'Prometheus metrics' })
  @ApiProduces('text/plain')
  @ApiResponse({ status: 200, description: 'Prometheus text format' })
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.type(this.meters.contentType);
    return this.meters.text();
  }

  @Get('v1/events')
  @ApiOperation({
    summary: 'WebSocket: subscribe, snapshot, deltas with seq, resume',
    description:
      'Client: {"id":1,"op":"subscribe","kinds":["instance"],"selector":"app=web","since":120}. ' +
      'Server: {"id":1,"ok":true}, pages {"id":1,"op":"snapshot",…,"last":true} unless `since` could be resumed, ' +
      'then one event a frame. A client that reads too slowly is closed with code 1013 and resumes.',
  })
  @ApiResponse({ status: 101, description: 'Switched to WebSocket' })
  events(@Res({ passthrough: true }) reply: FastifyReply): never {
    void reply.header('Upgrade', 'websocket').header('Connection', 'Upgrade');
    throw new UnicoreError('UPGRADE_REQUIRED', 'Open this path as a WebSocket.');
  }
}
