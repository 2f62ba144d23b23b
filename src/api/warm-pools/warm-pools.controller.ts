// SPDX-License-Identifier: BSD-3-Clause
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { WarmPools } from '../../orchestrator/ports.js';
import {
  putWarmPoolSchema,
  resourceNameSchema,
  warmPoolPageSchema,
  warmPoolSchema,
  type PutWarmPoolBody,
  type WarmPoolDocument,
} from '../../wire/index.js';
import { sourceOf, withoutUndefined } from '../instances/create-request.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { STOPPING, WARM_POOLS } from '../services.js';
import { warmPoolView } from './warm-pool-view.js';

@ApiTags('warm-pools')
@ApiProblems()
@Controller('v1/warm-pools')
export class WarmPoolsController {
  constructor(
    @Inject(WARM_POOLS) private readonly pools: WarmPools,
    @Inject(STOPPING) private readonly stopping: AbortSignal,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The warm pools, with how full they are' })
  @ApiResponse({ status: 200, description: 'The pools', standardSchema: warmPoolPageSchema })
  list(): { items: readonly WarmPoolDocument[]; next: null } {
    return { items: this.pools.list().map(warmPoolView), next: null };
  }

  @Get(':name')
  @ApiOperation({ summary: 'One warm pool' })
  @ApiResponse({ status: 200, description: 'The pool', standardSchema: warmPoolSchema })
  show(@Param('name', { schema: resourceNameSchema }) name: string): WarmPoolDocument {
    return warmPoolView(this.pools.get(name));
  }

  @Put(':name')
  @ApiOperation({
    summary: 'Make a warm pool, or change it',
    description:
      'Guests of the image are kept ready; POST /v1/instances takes one if image, memory, vcpus and host are the same. ' +
      'Guests that do not fit a changed pool are replaced. An app is built first.',
  })
  @ApiResponse({ status: 200, description: 'The pool', standardSchema: warmPoolSchema })
  async put(
    @Param('name', { schema: resourceNameSchema }) name: string,
    @Body({ schema: putWarmPoolSchema }) body: PutWarmPoolBody,
  ): Promise<WarmPoolDocument> {
    const { host, memory: memoryBytes, vcpus, warmth, args, size, min, max } = body;
    const maximum = size ?? max ?? 0;
    const spec = {
      source: sourceOf(body),
      minimum: size ?? min ?? 0,
      maximum,
      ...withoutUndefined({ host, memoryBytes, vcpus, warmth, args }),
    };
    return warmPoolView(await this.pools.put(name, spec, this.stopping));
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({ summary: 'Forget a warm pool; its guests are destroyed' })
  @ApiResponse({ status: 204, description: 'Gone' })
  async remove(@Param('name', { schema: resourceNameSchema }) name: string): Promise<void> {
    await this.pools.delete(name);
  }
}
