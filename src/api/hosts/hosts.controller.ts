// SPDX-License-Identifier: BSD-3-Clause
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Host, HostExamination, Hosts } from '../../orchestrator/ports.js';
import {
  hostExaminationSchema,
  hostPageSchema,
  hostSchema,
  resourceNameSchema,
} from '../../wire/index.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { HOSTS } from '../services.js';

@ApiTags('hosts')
@ApiProblems()
@Controller('v1/hosts')
export class HostsController {
  constructor(@Inject(HOSTS) private readonly hosts: Hosts) {}

  @Get()
  @ApiOperation({ summary: 'The hypervisor endpoints, with capabilities and health' })
  @ApiResponse({ status: 200, description: 'The hosts', standardSchema: hostPageSchema })
  async list(): Promise<{ items: readonly Host[]; next: null }> {
    return { items: await this.hosts.list(), next: null };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One host' })
  @ApiResponse({ status: 200, description: 'The host', standardSchema: hostSchema })
  show(@Param('id', { schema: resourceNameSchema }) id: string): Promise<Host> {
    return this.hosts.get(id);
  }

  @Get(':id/doctor')
  @ApiOperation({
    summary: 'What keeps guests from doing well on a host, why it matters, and how to mend it',
    description: 'Looks at the host now, reads only, and may take seconds on a busy one.',
  })
  @ApiResponse({
    status: 200,
    description: 'What was found',
    standardSchema: hostExaminationSchema,
  })
  examine(@Param('id', { schema: resourceNameSchema }) id: string): Promise<HostExamination> {
    return this.hosts.examine(id);
  }
}
