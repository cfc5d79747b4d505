import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { busyboxRoot } from './busybox.ts'
import { freshLayout } from './layout.ts'

const oddLinks = { proc: '/tmp', sys: 'nowhere', 'etc/hosts': '/proc/self/environ', 'etc/resolv.conf': 'resolv.conf' }

/**
 * Makes an image with a VOLUME that has files, `/data`, one that has no folder, `/not/there`, and a folder with files that is no
 * VOLUME, `/seeded`. As odd builders make them, its stop signal is one that no kernel knows,
 * and it has links where every container has mounts of its own. As root: the files have owners of their own.
 */
export async function makeVolumesImage(dir: string): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'flotilla-volumes-'))
  try {
    await chmod(root, 0o755)
    await busyboxRoot(root)
    for (const name of ['data', 'seeded']) {
      await mkdir(join(root, name))
      await writeFile(join(root, name, 'file'), `${name} of the image\n`)
      await chown(join(root, name, 'file'), 1234, 2345)
      await symlink('file', join(root, name, 'link'))
      await chown(join(root, name), 1000, 1000)
      await chmod(join(root, name), 0o770)
    }
    for (const [place, target] of Object.entries(oddLinks)) {
      await rm(join(root, place), { recursive: true, force: true })
      await symlink(target, join(root, place))
    }
    const layout = await freshLayout(dir)
    await layout.addLayer({ folder: root, createdBy: 'folders for volumes', owners: true })
    await layout.finish({ Cmd: ['/bin/sh'], StopSignal: 'SIGSHRUG', Volumes: { '/data': {}, '/not/there': {} } })
  } finally {
    await rm(root, { recursive: true })
  }
}
