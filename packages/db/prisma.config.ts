import { defineConfig } from 'prisma/config'

/** For the Prisma command line alone: the product opens its database itself. */
export default defineConfig({
  schema: '../../prisma/schema',
  migrations: { path: '../../prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://flotilla@127.0.0.1:5432/flotilla' },
})
