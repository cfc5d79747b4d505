import { fail } from '@flotilla/protocol'

/** Who a process runs as, as numbers, with what its image says of that account. */
export interface ResolvedUser {
  uid: number
  gid: number
  /** The primary group is among them, or dropping it would widen a user's rights (CVE-2022-36109). */
  additionalGids: number[]
  home: string
  /** Null where the image has no account with this number. */
  name: string | null
}

interface Account {
  name: string
  uid: number
  gid: number
  home: string
}

interface Group {
  name: string
  gid: number
  members: string[]
}

const maxId = 2 ** 31 - 1
const maxLines = 100_000
const maxGroups = 1000

/** The accounts of /etc/passwd (passwd(5)); lines that are none are skipped, as the C library does. */
export function parsePasswd(text: string): Account[] {
  const accounts: Account[] = []
  for (const fields of lines(text)) {
    const [name, , uid, gid, , home] = fields
    const numbers = { uid: parseId(uid), gid: parseId(gid) }
    if (name === undefined || name === '' || numbers.uid === null || numbers.gid === null) continue
    accounts.push({ name, uid: numbers.uid, gid: numbers.gid, home: safeHome(home) })
  }
  return accounts
}

/** The groups of /etc/group (group(5)). */
export function parseGroup(text: string): Group[] {
  const groups: Group[] = []
  for (const fields of lines(text)) {
    const [name, , gid, members] = fields
    const number = parseId(gid)
    if (name === undefined || name === '' || number === null) continue
    groups.push({ name, gid: number, members: (members ?? '').split(',').filter((member) => member !== '') })
  }
  return groups
}

/**
 * Resolves `user`, `uid`, `user:group`, `uid:gid` or nothing (root) against an image's own files, by Docker's rules: a name
 * must be there, a number need not; an explicit group leaves the account's further groups out.
 * Throws INVALID_ARGUMENT with what is missing.
 */
export function resolveUser(user: string, files: { passwd: string; group: string }): ResolvedUser {
  const [userPart = '', groupPart] = split(user)
  const accounts = parsePasswd(files.passwd)
  const groups = parseGroup(files.group)
  const wanted = userPart === '' ? '0' : userPart
  const asNumber = parseId(wanted)
  const account =
    accounts.find((entry) => entry.name === wanted) ??
    (asNumber === null ? undefined : accounts.find((entry) => entry.uid === asNumber))
  if (account === undefined && asNumber === null) {
    throw fail('container.noUser', { user: wanted.slice(0, 100) }, { field: ['user'] })
  }
  const base = {
    uid: account?.uid ?? asNumber ?? 0,
    home: account?.home ?? '/',
    name: account?.name ?? null,
  }
  if (groupPart !== undefined && groupPart !== '') {
    const gid = resolveGroup(groupPart, groups)
    return { ...base, gid, additionalGids: [gid] }
  }
  const gid = account?.gid ?? 0
  const further =
    account === undefined
      ? []
      : groups.filter((group) => group.members.includes(account.name)).map((group) => group.gid)
  return { ...base, gid, additionalGids: [...new Set([gid, ...further])].slice(0, maxGroups) }
}

function resolveGroup(wanted: string, groups: readonly Group[]): number {
  const byName = groups.find((group) => group.name === wanted)
  const gid = byName?.gid ?? parseId(wanted)
  if (gid !== null) return gid
  throw fail('container.noGroup', { group: wanted.slice(0, 100) }, { field: ['user'] })
}

function split(user: string): string[] {
  const parts = user.split(':')
  if (parts.length <= 2 && !/[\0\n]/.test(user)) return parts
  throw fail('container.badUser', {}, { field: ['user'] })
}

function lines(text: string): string[][] {
  return text
    .split('\n', maxLines)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'))
}

function parseId(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return null
  const id = Number(text)
  return id <= maxId ? id : null
}

function safeHome(home: string | undefined): string {
  return home?.startsWith('/') === true && !home.includes('\0') && home.length <= 4000 ? home : '/'
}
