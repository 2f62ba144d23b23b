// SPDX-License-Identifier: BSD-3-Clause
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { UnicoreError } from '../../errors/index.js';
import type { DomainStats } from '../../orchestrator/drivers/driver.js';
import type { Instance } from '../../orchestrator/instance.js';
import type { Instances } from '../../orchestrator/ports.js';
import {
  consoleQuerySchema,
  createInstanceSchema,
  deleteInstanceQuerySchema,
  instancePageSchema,
  instanceSchema,
  instanceStatsSchema,
  listInstancesQuerySchema,
  operationSchema,
  problemSchema,
  updateInstanceSchema,
  uuidSchema,
  waitQuerySchema,
  type CreateInstanceBody,
  type InstanceDocument,
  type OperationDocument,
  type UpdateInstanceBody,
} from '../../wire/index.js';
import { nameOfRequest } from '../http/request-name.js';
import { principalOf } from '../http/request-state.js';
import { textSoFar } from '../http/text-so-far.js';
import { waitAtMost } from '../http/waiting.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { operationView } from '../operations/operation-view.js';
import { INSTANCES, STOPPING } from '../services.js';
import { createRequestOf, hasSettled, isMany, updateOf } from './create-request.js';
import { generationTag, instanceView } from './instance-view.js';

type WaitQuery = z.infer<typeof waitQuerySchema>;

@ApiTags('instances')
@ApiProblems()
@Controller('v1/instances')
export class InstancesController {
  constructor(
    @Inject(INSTANCES) private readonly instances: Instances,
    @Inject(STOPPING) private readonly stopping: AbortSignal,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Create an instance, or many with count',
    description:
      'One: 201 when it runs or has ended; 202 if the wait was over first. With count over 1: 202 and an operation. ' +
      'An app is built first, unless the same build is in the store.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, schema: { type: 'string' } })
  @ApiResponse({ status: 201, description: 'Created', standardSchema: instanceSchema })
  @ApiResponse({
    status: 202,
    description: 'Accepted: the instance, or with count the operation',
    standardSchema: z.union([instanceSchema, operationSchema]),
  })
  @ApiResponse({
    status: 409,
    description:
      'The name is taken (NAME_TAKEN), or the quota of the token is used up (QUOTA_EXCEEDED)',
    standardSchema: problemSchema,
  })
  @ApiResponse({
    status: 429,
    description: 'Too many requests of this token; Retry-After says when (TOO_MANY_REQUESTS)',
    standardSchema: problemSchema,
  })
  @ApiResponse({
    status: 507,
    description: 'No host has room for it (NO_CAPACITY)',
    standardSchema: problemSchema,
  })
  async create(
    @Req() incoming: FastifyRequest,
    @Body({ schema: createInstanceSchema }) body: CreateInstanceBody,
    @Query({ schema: waitQuerySchema }) query: WaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InstanceDocument | OperationDocument> {
    const requestId = nameOfRequest(incoming);
    const asked = createRequestOf(body, principalOf(incoming));
    const request = requestId === undefined ? asked : { ...asked, requestId };
    if (isMany(body)) {
      const { count, allOrNothing = false } = body;
      const operation = await this.instances.createMany(request, count, { allOrNothing });
      void reply.code(202).header('Location', `/v1/operations/${operation.id}`);
      return operationView(operation);
    }
    const accepted = await this.instances.create(request, this.stopping);
    const instance = await this.#settled(accepted, query.wait);
    void reply.header('Location', `/v1/instances/${accepted.id}`);
    void reply.code(hasSettled(instance) ? 201 : 202);
    return this.#answer(instance, reply);
  }

  @Get()
  @ApiOperation({ summary: 'Instances, a page at a time' })
  @ApiResponse({ status: 200, description: 'A page', standardSchema: instancePageSchema })
  list(
    @Query({ schema: listInstancesQuerySchema }) query: z.infer<typeof listInstancesQuerySchema>,
  ): { items: readonly InstanceDocument[]; next: string | null } {
    const { selector, phase, host, limit, cursor } = query;
    const page = this.instances.list({
      ...(selector === undefined ? {} : { selector }),
      ...(phase === undefined ? {} : { phase }),
      ...(host === undefined ? {} : { host }),
      ...(limit === undefined ? {} : { limit }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { items: page.items.map(instanceView), next: page.next };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One instance; its generation is the ETag' })
  @ApiResponse({ status: 200, description: 'The instance', standardSchema: instanceSchema })
  show(
    @Param('id', { schema: uuidSchema }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): InstanceDocument {
    return this.#answer(this.instances.get(id), reply);
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change labels, restart policy and times to live, as a merge patch (RFC 7396)',
  })
  @ApiHeader({ name: 'If-Match', required: false, schema: { type: 'string' } })
  @ApiResponse({ status: 200, description: 'As it now is', standardSchema: instanceSchema })
  @ApiResponse({
    status: 412,
    description: 'It has changed since (GENERATION_MISMATCH)',
    standardSchema: problemSchema,
  })
  async update(
    @Param('id', { schema: uuidSchema }) id: string,
    @Body({ schema: updateInstanceSchema }) body: UpdateInstanceBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InstanceDocument> {
    const instance = await this.instances.update(id, updateOf(body), generationOf(ifMatch));
    return this.#answer(instance, reply);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'End an instance and remove all that belonged to it' })
  @ApiHeader({ name: 'If-Match', required: false, schema: { type: 'string' } })
  @ApiResponse({ status: 204, description: 'Gone' })
  @ApiResponse({ status: 202, description: 'Being deleted', standardSchema: instanceSchema })
  async remove(
    @Param('id', { schema: uuidSchema }) id: string,
    @Query({ schema: deleteInstanceQuerySchema }) query: z.infer<typeof deleteInstanceQuerySchema>,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InstanceDocument | undefined> {
    const accepted = await this.instances.delete(id, generationOf(ifMatch), query.grace);
    const left = await waitAtMost<Instance | null>(
      query.wait,
      this.stopping,
      (signal) => this.instances.waitUntil(id, () => false, signal),
      () => this.#current(accepted),
    );
    if (left === null) return undefined;
    void reply.code(202);
    return this.#answer(left, reply);
  }

  @Post(':id(^[^:]+$)::pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Stop the vCPUs; memory stays' })
  @ApiResponse({ status: 200, description: 'Paused', standardSchema: instanceSchema })
  async pause(
    @Param('id', { schema: uuidSchema }) id: string,
    @Query({ schema: waitQuerySchema }) query: WaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InstanceDocument> {
    return this.#changed(await this.instances.pause(id), query.wait, reply);
  }

  @Post(':id(^[^:]+$)::resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let a paused instance go on' })
  @ApiResponse({ status: 200, description: 'Running', standardSchema: instanceSchema })
  async resume(
    @Param('id', { schema: uuidSchema }) id: string,
    @Query({ schema: waitQuerySchema }) query: WaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InstanceDocument> {
    return this.#changed(await this.instances.resume(id), query.wait, reply);
  }

  @Post(':id(^[^:]+$)::restart')
  @HttpCode(200)
  @ApiOperation({ summary: 'End the guest and start it anew' })
  @ApiResponse({ status: 200, description: 'Running again', standardSchema: instanceSchema })
  async restart(
    @Param('id', { schema: uuidSchema }) id: string,
    @Query({ schema: waitQuerySchema }) query: WaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InstanceDocument> {
    return this.#changed(await this.instances.restart(id), query.wait, reply);
  }

  @Get(':id/stats')
  @ApiOperation({ summary: 'Processor time and memory, or null if the driver cannot tell' })
  @ApiResponse({
    status: 200,
    description: 'A sample',
    standardSchema: instanceStatsSchema.nullable(),
  })
  async stats(
    @Param('id', { schema: uuidSchema }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const stats: DomainStats | null = await this.instances.stats(id);
    // Fastify sends null as an empty body; here null is a value.
    void reply.type('application/json; charset=utf-8');
    return JSON.stringify(stats);
  }

  @Get(':id/console')
  @ApiOperation({
    summary:
      'What the guest has printed so far. As a WebSocket: followed, and what is sent is its input',
    description:
      'The WebSocket sends binary frames and closes with code 1000 when the guest has ended.',
  })
  @ApiProduces('application/octet-stream')
  @ApiResponse({ status: 200, description: 'The output so far' })
  async console(
    @Param('id', { schema: uuidSchema }) id: string,
    @Query({ schema: consoleQuerySchema }) query: z.infer<typeof consoleQuerySchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    this.instances.get(id);
    const { data, next } = await textSoFar(
      {
        there: (from, signal) => this.instances.readConsole(id, from, { follow: false, signal }),
        live: (from, signal) => this.instances.readConsole(id, from, { signal }),
      },
      query.from,
      this.stopping,
    );
    void reply.header('Unicore-Next-Offset', String(next)).type('text/plain; charset=utf-8');
    return data;
  }

  async #changed(accepted: Instance, wait: number, reply: FastifyReply): Promise<InstanceDocument> {
    const instance = await this.#settled(accepted, wait);
    if (!hasSettled(instance)) void reply.code(202);
    return this.#answer(instance, reply);
  }

  /** The instance when it has settled, when the time is over, or as it last was when somebody deletes it meanwhile. */
  async #settled(accepted: Instance, wait: number): Promise<Instance> {
    const settled = await waitAtMost(
      wait,
      this.stopping,
      (signal) => this.instances.waitUntil(accepted.id, hasSettled, signal),
      () => this.#current(accepted),
    );
    return settled ?? accepted;
  }

  #current(accepted: Instance): Instance | null {
    try {
      return this.instances.get(accepted.id);
    } catch (error) {
      if (error instanceof UnicoreError && error.code === 'UNKNOWN_INSTANCE') return null;
      throw error;
    }
  }

  #answer(instance: Instance, reply: FastifyReply): InstanceDocument {
    void reply.header('ETag', generationTag(instance));
    return instanceView(instance);
  }
}

/** The generation of an If-Match header; `*` and none are no condition. */
function generationOf(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const digits = /^"(\d{1,15})"$/.exec(ifMatch.trim())?.[1];
  if (digits !== undefined) return Number(digits);
  throw new UnicoreError('INVALID_REQUEST', 'If-Match: send the ETag of the instance, as in "3".', {
    errors: [{ path: 'If-Match', message: 'must be a generation in quotes' }],
  });
}
