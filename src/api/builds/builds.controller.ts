// SPDX-License-Identifier: BSD-3-Clause
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Build, Builder, SourceDigest } from '../../build/ports.js';
import { choicesIn } from '../../build/pools/index.js';
import type { Target } from '../../build/target.js';
import {
  buildPageSchema,
  buildSchema,
  createBuildSchema,
  logQuerySchema,
  operationQuerySchema,
  uuidSchema,
} from '../../wire/index.js';
import { principalOf } from '../http/request-state.js';
import { textSoFar } from '../http/text-so-far.js';
import { waitAtMost } from '../http/waiting.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { BUILD_QUOTA, BUILDER, STOPPING } from '../services.js';
import type { BuildQuota } from './build-quota.js';

/** The targets that a text chooses do not count: the request names them. */
function symbolsOf(config: z.infer<typeof createBuildSchema>['config']) {
  return typeof config === 'string' ? choicesIn(config).symbols : (config ?? {});
}

@ApiTags('build')
@ApiProblems()
@Controller('v1/builds')
export class BuildsController {
  constructor(
    @Inject(BUILDER) private readonly builder: Builder,
    @Inject(BUILD_QUOTA) private readonly quota: BuildQuota,
    @Inject(STOPPING) private readonly stopping: AbortSignal,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Start a build; what was built before is answered from the store' })
  @ApiResponse({ status: 202, description: 'Accepted', standardSchema: buildSchema })
  async create(
    @Req() request: FastifyRequest,
    @Body({ schema: createBuildSchema }) body: z.infer<typeof createBuildSchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Build> {
    const build = await this.quota.submit(principalOf(request), () =>
      this.builder.submit({
        app: body.app ?? '',
        source: body.source as SourceDigest | undefined,
        targets: body.targets as Target[],
        symbols: body.symbols ?? symbolsOf(body.config),
        client: principalOf(request).name,
      }),
    );
    void reply.header('Location', `/v1/builds/${build.id}`);
    return build;
  }

  @Get()
  @ApiOperation({ summary: 'All builds, newest first' })
  @ApiResponse({ status: 200, description: 'The builds', standardSchema: buildPageSchema })
  async list(): Promise<{ items: readonly Build[]; next: null }> {
    return { items: await this.builder.list(), next: null };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One build; with ?wait=, when it has ended or the time is over' })
  @ApiResponse({ status: 200, description: 'The build', standardSchema: buildSchema })
  show(
    @Param('id', { schema: uuidSchema }) id: string,
    @Query({ schema: operationQuerySchema }) query: z.infer<typeof operationQuerySchema>,
  ): Promise<Build> {
    return waitAtMost(
      query.wait,
      this.stopping,
      (signal) => this.builder.wait(id, signal),
      () => this.builder.get(id),
    );
  }

  @Delete(':id')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel a build' })
  @ApiResponse({ status: 200, description: 'The build as it now is', standardSchema: buildSchema })
  cancel(@Param('id', { schema: uuidSchema }) id: string): Promise<Build> {
    return this.builder.cancel(id);
  }

  @Get(':id/log')
  @ApiOperation({
    summary: 'The log so far, as text. As a WebSocket: followed until the build ends',
    description: 'The WebSocket sends {"offset":…,"text":…} frames and closes with code 1000.',
  })
  @ApiProduces('text/plain')
  @ApiResponse({ status: 200, description: 'The log so far' })
  async log(
    @Param('id', { schema: uuidSchema }) id: string,
    @Query({ schema: logQuerySchema }) query: z.infer<typeof logQuerySchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.builder.get(id);
    const { data, next } = await textSoFar(
      { live: (from, signal) => this.#chunks(id, from, signal) },
      query.from,
      this.stopping,
    );
    void reply.header('Unicore-Next-Offset', String(next)).type('text/plain; charset=utf-8');
    return data.toString('utf8');
  }

  async *#chunks(id: string, from: number, signal: AbortSignal) {
    for await (const { offset, text } of this.builder.log(id, from, signal)) {
      yield { offset, data: Buffer.from(text) };
    }
  }
}
