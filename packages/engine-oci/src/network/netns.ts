import { access, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { run, runOk } from '@flotilla/host'
import { z } from 'zod'

/** A new namespace has the host's forwarding of IPv4, and where the kernel is told so that of IPv6. A host without IPv6 has no such file. */
const endForwarding =
  'for file in ipv4/ip_forward ipv6/conf/all/forwarding; do [ ! -e /proc/sys/net/$file ] || echo 0 >/proc/sys/net/$file || exit 1; done'

/**
 * Makes a network namespace that lives as long as its pin, a bind mount at `path`. It passes nothing from one of its links to
 * another. A stale pin is replaced.
 */
export async function pinNamespace(path: string, signal?: AbortSignal): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await unpinNamespace(path)
  await writeFile(path, '', { mode: 0o600 })
  try {
    await runOk(['unshare', `--net=${path}`, 'sh', '-c', endForwarding], {
      timeoutMs: 10_000,
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    await unpinNamespace(path)
    throw error
  }
}

/** Lets a namespace go; with its last process it and its links end. Idempotent. */
export async function unpinNamespace(path: string): Promise<void> {
  while (await isPinned(path)) await runOk(['umount', '-l', path], { timeoutMs: 10_000 })
  await rm(path, { force: true })
}

/** A pin lies on the kernel's own file system for namespaces, not on that of the folder it is in. */
export async function isPinned(path: string): Promise<boolean> {
  try {
    const [pin, folder] = await Promise.all([stat(path), stat(dirname(path))])
    return pin.dev !== folder.dev
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

/** The names of all pins, mounted or not. */
export async function listPins(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** Removes a link of this namespace. Idempotent. */
export async function removeLink(name: string): Promise<void> {
  const there = await access(`/sys/class/net/${name}`).then(
    () => true,
    () => false,
  )
  if (there) await runOk(['ip', 'link', 'delete', 'dev', name], { timeoutMs: 10_000 })
}

/** The links that are joined to a bridge; none where there is no such bridge, or where these files are another namespace's. */
export async function bridgePorts(bridge: string): Promise<string[]> {
  return readdir(`/sys/class/net/${bridge}/brif`).catch(() => [])
}

const Links = z.array(z.object({ ifindex: z.number(), ifname: z.string(), link_index: z.number().optional() }))

/**
 * By the kernel's own files, which costs no process: all ports of the bridge are containers of ours. False where these files
 * are another namespace's.
 */
async function allowHairpinByFiles(bridge: string): Promise<boolean> {
  const ports = await bridgePorts(bridge)
  for (const port of ports) {
    const path = `/sys/class/net/${port}/brport/hairpin_mode`
    const now = await readFile(path, 'utf8').catch(() => null) // its container went meanwhile
    if (now !== null && now.trim() !== '1') await writeFile(path, '1')
  }
  return ports.length > 0
}

/**
 * Lets the bridge send a packet back through the port that it came from: without it a container cannot reach its own
 * published port, for address translation happens in the bridge (br_netfilter).
 */
export async function allowHairpin(
  pin: string,
  { bridge, interfaceName }: { bridge: string; interfaceName: string },
  signal?: AbortSignal,
): Promise<void> {
  if (await allowHairpinByFiles(bridge)) return
  const options = { timeoutMs: 10_000, ...(signal === undefined ? {} : { signal }) }
  const [inside, ports] = await Promise.all([
    runOk(['nsenter', `--net=${pin}`, 'ip', '-json', 'link', 'show', 'dev', interfaceName], options),
    runOk(['ip', '-json', 'link', 'show', 'master', bridge], options),
  ])
  const peer = Links.parse(JSON.parse(inside.stdout.toString()))[0]?.link_index
  const port = Links.parse(JSON.parse(ports.stdout.toString())).find((link) => link.ifindex === peer)
  if (port !== undefined) await runOk(['bridge', 'link', 'set', 'dev', port.ifname, 'hairpin', 'on'], options)
}

/** Gives a link of this namespace a hardware address that stays. */
export async function setHardwareAddress(link: string, address: string, signal?: AbortSignal): Promise<void> {
  const options = { timeoutMs: 10_000, ...(signal === undefined ? {} : { signal }) }
  await runOk(['ip', 'link', 'set', 'dev', link, 'address', address], options)
}

/** Removes a link of a pinned namespace, and with it the host's end. Idempotent. */
export async function removeLinkInside(pin: string, name: string): Promise<void> {
  const inside = (...argv: string[]) => run(['nsenter', `--net=${pin}`, 'ip', ...argv], { timeoutMs: 10_000 })
  if ((await inside('link', 'show', 'dev', name)).exitCode === 0) await inside('link', 'delete', 'dev', name)
}

/** Sets the MTU, in bytes, of a link of a pinned namespace. */
export async function setMtuInside(pin: string, name: string, mtu: number, signal?: AbortSignal): Promise<void> {
  const options = { timeoutMs: 10_000, ...(signal === undefined ? {} : { signal }) }
  await runOk(['nsenter', `--net=${pin}`, 'ip', 'link', 'set', 'dev', name, 'mtu', String(mtu)], options)
}
