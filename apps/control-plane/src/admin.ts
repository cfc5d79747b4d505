import { rm } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { hashPassword } from '@flotilla/auth'
import { type Database, applyMigrations, endAfter, newId, openDatabase } from '@flotilla/db'
import { Role, fail, toFlotillaError } from '@flotilla/protocol'
import { embeddedUrl } from './database/embedded.ts'
import { type Env, readEnv } from './env.ts'
import { joinTokenText, openSecrets } from './secrets.ts'

const usage = `npm run admin -- user create --email E --name N [--password P] --role owner|admin|operator|viewer
npm run admin -- user role --email E --role R
npm run admin -- user remove --email E
npm run admin -- key create --email E --name N
npm run admin -- token create
A password that is not given is read from standard input, its first line.`

type Values = { email?: string; name?: string; password?: string; role?: string }

async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: {
      email: { type: 'string' },
      name: { type: 'string' },
      password: { type: 'string' },
      role: { type: 'string' },
    },
    allowPositionals: true,
  })
  const command = commands[positionals.join(' ')]
  if (command === undefined) throw fail('call.usage', { usage })
  const env = readEnv()
  const url = await databaseUrl(env)
  await applyMigrations({ url, folder: env.migrationsDir })
  const db = openDatabase({ url, connections: 2 })
  try {
    const { id } = await db.organisations.ensureDefault('Flotilla')
    await command(db, { organisationId: id }, values, env)
  } finally {
    await db.close()
  }
}

async function databaseUrl(env: Env): Promise<string> {
  if (env.databaseUrl !== undefined) return env.databaseUrl
  try {
    return await embeddedUrl(env.postgresDir)
  } catch (error) {
    throw fail(
      'database.absent',
      { folder: env.postgresDir },
      {
        cause: error,
      },
    )
  }
}

type Command = (db: Database, scope: { organisationId: string }, values: Values, env: Env) => Promise<void>

const commands: Record<string, Command> = {
  'user create': async (db, scope, values, env) => {
    const role = Role.parse(need(values, 'role'))
    const password = values.password ?? (await firstLine())
    if (password.length < 10 || password.length > 128) {
      throw fail('admin.passwordLength')
    }
    const passwordHash = await hashPassword(password)
    const person = { email: need(values, 'email'), name: need(values, 'name'), passwordHash, role }
    const made = await db.access.createPerson(scope, person)
    await audit(db, scope, 'people.create', `${made.email} ${role}`)
    if (role === 'owner') await rm(`${env.dataDir}/setup-link`, { force: true })
    print(`${made.email} is now ${role}.`)
  },
  'user role': async (db, scope, values) => {
    const role = Role.parse(need(values, 'role'))
    const member = await person(db, scope, values)
    await db.access.setRole(scope, member.userId, role)
    await audit(db, scope, 'people.setRole', `${member.email} ${role}`)
    print(`${member.email} is now ${role}.`)
  },
  'user remove': async (db, scope, values) => {
    const member = await person(db, scope, values)
    await db.access.removePerson(scope, member.userId)
    await audit(db, scope, 'people.remove', member.email)
    print(`${member.email} is removed.`)
  },
  'key create': async (db, scope, values) => {
    const { userId, email } = await person(db, scope, values)
    const name = need(values, 'name')
    const { key } = await db.apiKeys.create(scope, { userId, name, expiresAt: null })
    await audit(db, scope, 'keys.create', `${email} ${name}`)
    print(key)
  },
  'token create': async (db, scope, _values, env) => {
    const id = newId()
    await db.joinTokens.create(scope, { id, expiresAt: endAfter(60 * 60_000) })
    await audit(db, scope, 'hosts.createJoinToken', '')
    print(joinTokenText(await openSecrets(env.dataDir), id, env.publicUrl))
  },
}

async function person(db: Database, scope: { organisationId: string }, values: Values) {
  const email = need(values, 'email')
  const member = await db.access.findMember(scope, { email })
  if (member === null) throw fail('admin.noSuchPerson', { email })
  return member
}

function audit(db: Database, scope: { organisationId: string }, action: string, target: string): Promise<void> {
  return db.audit.append(scope, {
    actorId: null,
    actorName: 'command line',
    action,
    target,
    hostId: null,
    outcome: 'succeeded',
    code: null,
    remoteAddress: 'local',
    operationId: null,
  })
}

function need(values: Values, name: keyof Values): string {
  const value = values[name]
  if (value === undefined || value === '') throw fail('call.usage', { usage: `--${name} is missing.\n${usage}` })
  return value
}

async function firstLine(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    text += chunk.toString()
    if (text.includes('\n') || text.length > 10_000) break
  }
  return text.split(/\r?\n/)[0] ?? ''
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (thrown: unknown) => {
    const error = toFlotillaError(thrown)
    process.stderr.write(`${error.message}\n`)
    if (error.code === 'INTERNAL' && error.detail !== undefined) process.stderr.write(`${error.detail}\n`)
    process.exit(1)
  },
)
