import { spawn } from 'node:child_process'
import { mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

const reported = 'FLOTILLA_TEST_APART'

/** Whether this program runs in namespaces of its own, started by `runApart`. */
export const isApart = () => process.env[reported] !== undefined

/**
 * Lays out what the namespaces see: a /run and a /var/tmp of their own, so that no daemon of the machine is found and nothing
 * is left in its folders; links and rules of their own, for which /sys must be mounted anew without losing the control groups.
 * Arguments: a folder, the folder of the clone, then the program. A clone under /run or /var/tmp stays where it is. As the
 * first process bash gathers the dead of others.
 */
const layOut = `
set -e
folder=$1; clone=$2; shift 2
mount --bind "$clone" "$folder/clone"
mount -t tmpfs -o mode=0755 run /run
mkdir -p /run/lock /run/sshd
mount --bind "$folder/var-tmp" /var/tmp
case $clone/ in /run/*|/var/tmp/*) mkdir -p "$clone"; mount --move "$folder/clone" "$clone"; cd "$clone" ;; esac
mount --move /sys/fs/cgroup "$folder/cgroup" || mount --rbind /sys/fs/cgroup "$folder/cgroup"
mount -t sysfs sysfs /sys
mount --move "$folder/cgroup" /sys/fs/cgroup
ip link set lo up
set +e
"$@"
code=$?
exit $code
`

/**
 * Runs a Node program in network, mount, process and IPC namespaces of its own: it meets no daemon, link, rule or process of the
 * machine, and whatever it started ends with it, also when this process is killed. Control groups are the machine's.
 * @param {readonly string[]} argv the program and its arguments
 * @param {{ folder: string, clone: string, env: Record<string, string> }} options `folder`: on a real file system, the
 *   caller's to remove; `clone`: where the project lies
 * @returns {Promise<number>} its exit code
 */
export function runApart(argv, { folder, clone, env }) {
  mkdirSync(join(folder, 'cgroup'))
  mkdirSync(join(folder, 'clone'))
  mkdirSync(join(folder, 'var-tmp'), { mode: 0o1777 })
  const spaces = [
    '--net',
    '--mount',
    '--ipc',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--propagation',
    'private',
  ]
  const child = spawn(
    'setpriv',
    [
      '--pdeathsig',
      'KILL',
      '--',
      'unshare',
      ...spaces,
      'bash',
      '-c',
      layOut,
      'bash',
      folder,
      realpathSync(clone),
      process.execPath,
      ...argv,
    ],
    { stdio: 'inherit', env: { ...process.env, ...env, [reported]: '1' } },
  )
  // Ctrl-C reaches the program too; this process waits for its end, so that the folder can be removed.
  const wait = () => {}
  const end = () => void child.kill('SIGKILL')
  process.on('SIGINT', wait).on('SIGTERM', end).on('SIGHUP', end)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      process.off('SIGINT', wait).off('SIGTERM', end).off('SIGHUP', end)
      resolve(code ?? 1)
    })
  })
}
