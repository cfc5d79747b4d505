import { networkInterfaces } from 'node:os'
import { run, runOk } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'

/** The cable between this machine and a lab host: two addresses of a /30 of their own. */
export interface Cable {
  /** The interface on this machine's side. */
  link: string
  /** This machine's address on it. */
  near: string
  /** The lab host's address. */
  far: string
}

/** Lays a cable into the network namespace of a process. The kernel takes both ends away with the namespace. */
export async function layCable(pid: number): Promise<Cable> {
  for (let n = 1; n < 255; n++) {
    const link = `fllab${n}`
    if (isUsed(link, `10.99.${n}.1`)) continue
    try {
      await runOk(['ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)])
    } catch (error) {
      // Somebody else took the name between the look and the deed.
      if (error instanceof FlotillaError && error.detail?.includes('File exists') === true) continue
      throw error
    }
    const cable = { link, near: `10.99.${n}.1`, far: `10.99.${n}.2` }
    const inside = ['nsenter', '--target', String(pid), '--net']
    await runOk(['ip', 'address', 'add', `${cable.near}/30`, 'dev', link])
    await runOk(['ip', 'link', 'set', link, 'up'])
    await runOk([...inside, 'ip', 'link', 'set', 'lo', 'up'])
    await runOk([...inside, 'ip', 'address', 'add', `${cable.far}/30`, 'dev', 'eth0'])
    await runOk([...inside, 'ip', 'link', 'set', 'eth0', 'up'])
    return cable
  }
  throw new FlotillaError('RESOURCE_EXHAUSTED', 'All 254 cables of the lab are in use.')
}

/** Takes a cable away now: the kernel does it too, but some time after the namespace's last process has gone. */
export async function removeCable(cable: Cable): Promise<void> {
  const { exitCode, stderr } = await run(['ip', 'link', 'delete', cable.link])
  if (exitCode !== 0 && !stderr.includes('Cannot find device')) {
    throw new FlotillaError('INTERNAL', `The cable ${cable.link} could not be removed.`, { detail: stderr })
  }
}

function isUsed(link: string, address: string): boolean {
  const interfaces = networkInterfaces()
  return link in interfaces || Object.values(interfaces).some((list) => list?.some((one) => one.address === address))
}
