import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLabHost } from '@flotilla/testkit/lab'
import { type Browser, chromium } from '@playwright/test'
import { chromiumLaunch } from '@flotilla/testkit/browser/chromium'

export interface Desk {
  readonly browser: Browser
  leave(): Promise<void>
}

/**
 * A browser on a machine of its own, as an operator's is. On the machine that the platform runs on, Chromium breaks off
 * what it loads from any address but loopback whenever an interface comes or goes (ERR_NETWORK_CHANGED): each container
 * brings one.
 */
export async function takeDesk(address: string): Promise<Desk> {
  const host = await createLabHost({ name: 'desk' })
  try {
    const route = await host.exec(['ip', 'route', 'add', address, 'via', host.outside])
    if (route.exitCode !== 0) throw new Error(`There is no way from the desk to ${address}: ${route.stderr}`)
    // Else its address of IPv6 comes a second or two later, which is a change of networks, too.
    await host.exec(['sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'])
    const program = join(host.folder, 'chromium')
    await writeFile(program, `#!/bin/sh\nexec ${host.command([chromiumLaunch.executablePath]).join(' ')} "$@"\n`)
    await chmod(program, 0o755)
    const browser = await chromium.launch({ ...chromiumLaunch, executablePath: program })
    return {
      browser,
      async leave() {
        await browser.close()
        await host.remove()
      },
    }
  } catch (error) {
    await host.remove()
    throw error
  }
}
