// SPDX-License-Identifier: BSD-3-Clause
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';

/** The OpenAPI 3.1 document of the routes, from the zod schemas that validate them. */
export function createOpenApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Unicore')
    .setDescription('Builds unikernels from library pools and runs them.')
    .setVersion(version)
    .setLicense('BSD-3-Clause', 'https://spdx.org/licenses/BSD-3-Clause.html')
    .addBearerAuth()
    .addServer('/')
    .build();
  return SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '').toLowerCase()}.${method}`,
    standardSchemaConverter: (schema, { schemaType }) =>
      schema instanceof z.ZodType ? jsonSchemaOf(schema, schemaType) : undefined,
  });
}

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output') {
  const { $defs, ...own } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
  });
  delete own.$schema;
  return { schema: own, components: { ...$defs } };
}
