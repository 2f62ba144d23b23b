// SPDX-License-Identifier: BSD-3-Clause
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { UnicoreError } from '../../errors/index.js';
import type { Instances } from '../../orchestrator/ports.js';
import {
  createdTokenSchema,
  createTokenSchema,
  tokenNameSchema,
  tokenPageSchema,
  type TokenDocument,
} from '../../wire/index.js';
import { requireRole } from '../auth/authenticator.js';
import type { TokenRegistry } from '../auth/token-registry.js';
import type { BuildQuota } from '../builds/build-quota.js';
import { principalOf } from '../http/request-state.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { BUILD_QUOTA, INSTANCES, TOKENS } from '../services.js';

/** Bearer tokens; for the role admin only. */
@ApiTags('tokens')
@ApiProblems()
@Controller('v1/tokens')
export class TokensController {
  constructor(
    @Inject(TOKENS) private readonly tokens: TokenRegistry,
    @Inject(INSTANCES) private readonly instances: Instances,
    @Inject(BUILD_QUOTA) private readonly builds: BuildQuota,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'All tokens, with what their instances take; never the tokens themselves',
  })
  @ApiResponse({ status: 200, description: 'The tokens', standardSchema: tokenPageSchema })
  list(@Req() request: FastifyRequest): { items: readonly TokenDocument[]; next: null } {
    requireRole(principalOf(request), 'admin');
    return { items: this.#documents(), next: null };
  }

  @Post()
  @HttpCode(201)
  @ApiOperation({ summary: 'Make a token. Its text is in this answer and nowhere else' })
  @ApiResponse({ status: 201, description: 'Made', standardSchema: createdTokenSchema })
  async create(
    @Req() request: FastifyRequest,
    @Body({ schema: createTokenSchema }) body: z.infer<typeof createTokenSchema>,
  ): Promise<z.infer<typeof createdTokenSchema>> {
    requireRole(principalOf(request), 'admin');
    const token = await this.tokens.create(body);
    const document = this.#documents().find(({ name }) => name === body.name);
    if (document === undefined) throw new UnicoreError('UNKNOWN_TOKEN', 'It was revoked at once.');
    return { ...document, token };
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a token. What was made with it stays' })
  @ApiResponse({ status: 204, description: 'Revoked' })
  async revoke(
    @Req() request: FastifyRequest,
    @Param('name', { schema: tokenNameSchema }) name: string,
  ): Promise<void> {
    requireRole(principalOf(request), 'admin');
    await this.tokens.revoke(name);
  }

  #documents(): TokenDocument[] {
    return this.tokens.list().map(({ record, origin }) => {
      const { name, role, quota = {}, rate = null, expiresAt = null } = record;
      const { memoryBytes: memory, ...used } = this.instances.usageOf(name);
      const usage = { ...used, memory, builds: this.builds.underWay(name) };
      return { name, role, quota, rate, expiresAt, origin, usage };
    });
  }
}
