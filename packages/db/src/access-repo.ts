import { Role, fail } from '@flotilla/protocol'
import type { Prisma, PrismaClient } from './generated/client.ts'
import { newId } from './ids.ts'
import { lockMaking, type MadeBy, madeBy, type Maker } from './maker.ts'
import type { OrganisationScope } from './scope.ts'

export interface Member {
  userId: string
  email: string
  name: string
  role: Role
  createdAt: string
}

export interface NewPerson {
  email: string
  name: string
  /** As better-auth hashes it. */
  passwordHash: string
  role: Role
}

/** People and what they are in the organisation. */
export class AccessRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  /** The person's membership, in whichever organisation; null where there is none. */
  async membershipOf(userId: string): Promise<(OrganisationScope & Member) | null> {
    const row = await this.#prisma.membership.findFirst({
      where: { userId },
      include: { user: true },
      orderBy: { createdAt: 'asc' },
    })
    return row === null ? null : { organisationId: row.organisationId, ...member(row) }
  }

  async listMembers(scope: OrganisationScope): Promise<Member[]> {
    const rows = await this.#prisma.membership.findMany({
      where: { organisationId: scope.organisationId },
      include: { user: true },
      orderBy: { user: { email: 'asc' } },
      take: 1000,
    })
    return rows.map(member)
  }

  async findMember(scope: OrganisationScope, who: { userId: string } | { email: string }): Promise<Member | null> {
    const row = await this.#prisma.membership.findFirst({
      where: {
        organisationId: scope.organisationId,
        ...('userId' in who ? { userId: who.userId } : { user: { email: who.email.toLowerCase() } }),
      },
      include: { user: true },
    })
    return row === null ? null : member(row)
  }

  async hasAnyOwner(scope: OrganisationScope): Promise<boolean> {
    return (await this.#prisma.membership.count({ where: { ...scopeOf(scope), role: 'owner' } })) > 0
  }

  /** Throws ALREADY_EXISTS where the e-mail is taken. Without a maker it is the command line. */
  async createPerson(scope: OrganisationScope, person: NewPerson, maker?: Maker): Promise<Member> {
    return this.#prisma.$transaction(async (tx) =>
      createPerson(tx, scope, person, maker === undefined ? undefined : await madeBy(tx, scope, maker)),
    )
  }

  /** Changes the role and ends the person's sessions. The last owner stays one: CONFLICT. */
  async setRole(scope: OrganisationScope, userId: string, role: Role): Promise<void> {
    await this.#withOwners(scope, userId, role !== 'owner', async (tx) => {
      await tx.membership.update({ where: key(scope, userId), data: { role } })
      await tx.session.deleteMany({ where: { userId } })
    })
  }

  /** Takes the person's place, sessions, keys and account away. The last owner stays: CONFLICT. */
  async removePerson(scope: OrganisationScope, userId: string): Promise<void> {
    await this.#withOwners(scope, userId, true, async (tx) => {
      await tx.user.delete({ where: { id: userId } })
    })
  }

  async #withOwners(
    scope: OrganisationScope,
    userId: string,
    losesOwner: boolean,
    change: (tx: Prisma.TransactionClient) => Promise<void>,
  ): Promise<void> {
    await this.#prisma.$transaction(async (tx) => {
      await lockOwners(tx)
      const owners = await tx.membership.findMany({ where: { ...scopeOf(scope), role: 'owner' } })
      if (losesOwner && owners.length === 1 && owners[0]?.userId === userId) {
        throw fail('access.lastOwner')
      }
      const found = await tx.membership.findUnique({ where: key(scope, userId) })
      if (found === null) throw fail('access.noPerson')
      await change(tx)
    })
  }
}

/** One change of who is an owner after the other. Before `lockMaking`, where both are needed. */
export async function lockOwners(tx: Prisma.TransactionClient): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(71026002)`
}

/** Makes user, password account and membership together. */
export async function createPerson(
  tx: Prisma.TransactionClient,
  scope: OrganisationScope,
  person: NewPerson,
  made?: MadeBy,
): Promise<Member> {
  const email = person.email.toLowerCase()
  await lockMaking(tx)
  if ((await tx.user.findUnique({ where: { email } })) !== null) {
    throw fail('access.emailTaken', { email }, { field: ['email'] })
  }
  const userId = newId()
  await tx.user.create({ data: { id: userId, email, name: person.name, emailVerified: true } })
  await tx.account.create({
    data: { id: newId(), accountId: userId, providerId: 'credential', userId, password: person.passwordHash },
  })
  const row = await tx.membership.create({
    data: { organisationId: scope.organisationId, userId, role: person.role, ...made },
    include: { user: true },
  })
  return member(row)
}

function scopeOf(scope: OrganisationScope) {
  return { organisationId: scope.organisationId }
}

function key(scope: OrganisationScope, userId: string) {
  return { organisationId_userId: { organisationId: scope.organisationId, userId } }
}

function member(row: { userId: string; role: string; createdAt: Date; user: { email: string; name: string } }): Member {
  return {
    userId: row.userId,
    email: row.user.email,
    name: row.user.name,
    role: Role.parse(row.role),
    createdAt: row.createdAt.toISOString(),
  }
}
